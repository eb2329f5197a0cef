/** The ways of OpenSSH's clients to a real sshd, which is behind port 22 of the emulated VM. */

import { createBastionLauncher } from "./bastion_launcher.ts";
import { type EmulatedAzure, type OpenTunnel, withAzure } from "./emulated_azure.ts";
import { runSuccessfully } from "./run.ts";
import { type Sshd, startSshd } from "./sshd.ts";

export interface SshWay {
  readonly azure: EmulatedAzure;
  readonly sshd: Sshd;
  /** Options that OpenSSH's clients share: the way is among them. */
  readonly options: readonly string[];
  /** `user@host`. */
  readonly login: string;
  /** What the clients need in their environment. */
  readonly env: Readonly<Record<string, string>>;
}

export interface TunnelWay extends SshWay {
  readonly tunnel: OpenTunnel;
}

/** To the port of a `bastion tunnel`. */
export function byTunnel(body: (way: TunnelWay) => Promise<void>): Promise<void> {
  return withSshd(async (azure, sshd) => {
    const tunnel = await azure.openTunnel(22);
    const options = [...sshd.clientOptions, "-o", `Port=${tunnel.port}`];
    await body({ azure, tunnel, sshd, options, login: `${sshd.user}@127.0.0.1`, env: {} });
  });
}

/** Through a `bastion proxy` of each client's own, which is ssh's ProxyCommand. */
export function byProxy(body: (way: SshWay) => Promise<void>): Promise<void> {
  return withSshd(async (azure, sshd) => {
    const { path, env, log, settle } = await createBastionLauncher(azure);
    const command = `${path} proxy --name hub --resource-group net ` +
      `--target-resource-id ${azure.vmId}`;
    const options = [...sshd.clientOptions, "-o", `ProxyCommand=${command}`];
    await explained(
      () => body({ azure, sshd, options, login: `${sshd.user}@web1`, env }),
      async () => `log: ${(await log()).slice(-4000)}`,
    );
    await settle();
  });
}

/** By the wildcard of an installed `ssh-config`, with nothing else to tell the way. */
export function byConfig(body: (way: SshWay) => Promise<void>): Promise<void> {
  return withSshd(async (azure, sshd) => {
    const { path, env, log, settle } = await createBastionLauncher(azure);
    const config = azure.file("ssh_config");
    const signIn = ["--auth-type", "ssh-key", "--ssh-key", sshd.identityFile];
    await runSuccessfully([
      path,
      ...["ssh-config", "install", "--file", config, "--control-persist", "0"],
      ...[...signIn, "--username", sshd.user],
    ], { env });
    // ssh asks the system, not HOME, where the user's own configuration is.
    const options = ["-F", config, "-o", "BatchMode=yes"];
    const login = `${sshd.user}@web1.app.bastion`;
    // The first one says that the host's key is new.
    await runSuccessfully(["ssh", ...options, login, "true"], { env });
    await explained(
      () => body({ azure, sshd, options, login, env }),
      async () => `log: ${(await log()).slice(-4000)}`,
    );
    await settle();
  });
}

async function withSshd(
  body: (azure: EmulatedAzure, sshd: Sshd) => Promise<void>,
): Promise<void> {
  await using sshd = await startSshd();
  await withAzure(
    { ports: { 22: sshd.port } },
    (azure) => explained(() => body(azure, sshd), () => `sshd: ${sshd.log()}`),
  );
}

/** A client's failure says little without what the other programs have said. */
async function explained(
  work: () => Promise<void>,
  others: () => string | Promise<string>,
): Promise<void> {
  try {
    await work();
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new Error(`${message}\n${await others()}`, { cause: error });
  }
}
