/** The built-in SSH servers: one for each VM that has one, with one sign-in for all. */

import type { Logger } from "../../core/mod.ts";
import type { Address } from "./address.ts";
import { openSshServer } from "./ssh_server.ts";
import { createSshLogin } from "./ssh_login.ts";
import type { LoopbackServer } from "./loopback_server.ts";
import type { VirtualMachine, World } from "./world.ts";

/** How a person or a program signs in. */
export interface SshAccess {
  readonly username: string;
  readonly password: string;
  readonly passwordFile: string;
  /** Private key, OpenSSH's format. */
  readonly keyFile: string;
  /** For ssh's UserKnownHostsFile, with the VM's name as HostKeyAlias. */
  readonly knownHostsFile: string;
  /** What must never appear in an output. */
  readonly secrets: readonly string[];
}

export interface SshMachines {
  readonly access?: SshAccess;
  addressOf(vm: VirtualMachine): Address | undefined;
  close(): Promise<void>;
}

export interface SshMachinesOptions {
  readonly world: World;
  /** Private; keys and homes go into it. */
  readonly directory: string;
  readonly addressOf: (vm: VirtualMachine, port: number) => Address | "filtered" | undefined;
  /** Whose user certificates open the door: one line. */
  readonly authority: string;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly log: Logger | undefined;
}

export async function openSshMachines(
  { world, directory, addressOf, authority, now, log }: SshMachinesOptions,
): Promise<SshMachines> {
  const machines = world.machines.filter((vm) => [...vm.ports.values()].includes("ssh"));
  if (machines.length === 0) return { addressOf: () => undefined, close: () => Promise.resolve() };
  const login = createSshLogin({
    authority,
    now,
    onRefusedCertificate: (problem) => log?.info("a certificate opens no VM", { problem }),
  });
  const access: SshAccess = {
    username: login.username,
    password: login.password,
    passwordFile: `${directory}/ssh_password`,
    keyFile: `${directory}/ssh_key`,
    knownHostsFile: `${directory}/known_hosts`,
    secrets: [login.password, ...keyLines(login.privateKey)],
  };
  await using started = new AsyncDisposableStack();
  const servers = new Map<VirtualMachine, LoopbackServer>();
  for (const [i, vm] of machines.entries()) {
    const home = `${directory}/home-${i + 1}-${vm.name.replace("/", "-")}`;
    await Deno.mkdir(home, { mode: 0o700 });
    const server = await openSshServer({
      login,
      home,
      addressOf: (port) => addressOf(vm, port),
      ownNames: ["127.0.0.1", "localhost", vm.privateIp, vm.name],
    });
    servers.set(vm, started.adopt(server, (one) => one.close()));
  }
  const privately = { mode: 0o600, createNew: true };
  await Deno.writeTextFile(access.passwordFile, `${login.password}\n`, privately);
  await Deno.writeTextFile(access.keyFile, login.privateKey, privately);
  const known = machines.map((vm) => `${vm.name},${vm.privateIp} ${login.hostPublicKey}\n`);
  await Deno.writeTextFile(access.knownHostsFile, known.join(""), privately);
  const running = started.move();
  return {
    access,
    addressOf(vm) {
      const server = servers.get(vm);
      return server && { host: "127.0.0.1", port: server.port };
    },
    close: () => running.disposeAsync(),
  };
}

/** The lines of a key's body that are its own: the first few are the same for all keys. */
function keyLines(key: string): string[] {
  return key.split("\n").filter((line) => /^[\w+/=]{40,}$/.test(line)).slice(2);
}
