/** `bastion emulator`: runs until it is told to end. */

import type { CommandContext, CommandHandler } from "../../core/mod.ts";
import { type RunningEmulator, startEmulator } from "./emulator.ts";
import { printEnvironment } from "./environment.ts";
import { writeLauncher } from "./launcher.ts";
import { type Shell, shells } from "./shells.ts";
import { userEnvironment } from "./user_environment.ts";

export const run: CommandHandler = async ({ options }, ctx) => {
  const { file, listen, "print-env": printEnv } = options;
  await using emulator = await startEmulator({
    ...(typeof file === "string" ? { file } : {}),
    ...(typeof listen === "string" ? { listen } : {}),
    log: ctx.log,
    error: (code, params, cause) => ctx.error(code, params, cause),
    env: (name) => ctx.platform.env(name),
  });
  const { directory } = emulator;
  await writeLauncher(`${directory}/bin`, ctx.selfCommand([]), ctx.platform.os);
  const assignments = (shell: Shell) =>
    printEnvironment(shell, userEnvironment(emulator), `${directory}/bin`);
  for (const shell of shells) {
    await Deno.writeTextFile(environmentFile(directory, shell), `${assignments(shell)}\n`, {
      mode: 0o600,
    });
  }
  ctx.out.event("ready", describe(emulator));
  const shell = shells.find((one) => one === printEnv);
  ctx.out.line(shell ? assignments(shell) : introduce(emulator, ctx.platform.os));
  await ended(ctx);
  const stats = emulator.stats();
  await emulator.stop();
  ctx.out.event("stopped", { stats });
};

function environmentFile(directory: string, shell: Shell): string {
  return `${directory}/env.${shell === "sh" ? "sh" : "ps1"}`;
}

function ended({ signal }: CommandContext): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}

/** The ready event's fields. Secrets are in it only as far as a program needs them for its start. */
function describe(emulator: RunningEmulator): Record<string, unknown> {
  const { endpoint, caFile, cloudFile, directory, world, ssh } = emulator;
  return {
    endpoint,
    caFile,
    cloudFile,
    directory,
    environment: userEnvironment(emulator),
    bastionHosts: world.bastionHosts.map((host) => ({
      id: host.id,
      name: host.name,
      resourceGroup: host.resourceGroup,
      dnsName: emulator.dnsNameOf(host),
    })),
    virtualMachines: world.virtualMachines.map((vm) => ({
      id: vm.id,
      name: vm.name,
      resourceGroup: vm.resourceGroup,
      privateIp: vm.privateIp,
      ports: Object.fromEntries(vm.ports),
    })),
    ...(ssh
      ? {
        ssh: {
          username: ssh.username,
          passwordFile: ssh.passwordFile,
          keyFile: ssh.keyFile,
          knownHostsFile: ssh.knownHostsFile,
        },
      }
      : {}),
  };
}

/** What a person needs to go on with. */
function introduce(emulator: RunningEmulator, os: string): string {
  const { world, ssh, directory } = emulator;
  const lines = [`The Azure emulator is ready at ${emulator.endpoint}`, ""];
  for (const host of world.bastionHosts) {
    lines.push(`  bastion host  ${host.name} (group ${host.resourceGroup}, ${host.sku})`);
  }
  for (const vm of world.virtualMachines) {
    const ports = [...vm.ports].map(([port, to]) => `${port} ${to}`).join(", ") || "no ports";
    lines.push(`  VM            ${vm.name} (group ${vm.resourceGroup}, ${vm.privateIp}): ${ports}`);
  }
  if (ssh) {
    lines.push(
      `  SSH sign-in   user ${ssh.username}, password ${ssh.password}`,
      `                or the key ${ssh.keyFile}`,
    );
  }
  const [host] = world.bastionHosts;
  const [vm] = world.virtualMachines;
  lines.push("", "In another terminal, point it at the emulator:");
  lines.push(os === "windows" ? `  . "${directory}/env.ps1"` : `  . ${directory}/env.sh`);
  if (host && vm) {
    const port = [...vm.ports.keys()].at(-1) ?? 22;
    lines.push(
      "and open a tunnel:",
      `  bastion tunnel --name ${host.name} --resource-group ${host.resourceGroup} ` +
        `--target-resource-id ${vm.id} --resource-port ${port}`,
    );
  }
  const served = world.virtualMachines.find(({ ports }) => ports.get(22) === "ssh");
  if (ssh && served) {
    lines.push(
      "or sign in to the VM:",
      `  bastion ssh --ssh-key "${ssh.keyFile}" ${ssh.username}@${served.resourceGroup}/${served.name}`,
    );
  }
  lines.push("", "Ctrl-C ends it.");
  return lines.join("\n");
}
