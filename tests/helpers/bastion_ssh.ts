/** `bastion ssh` as a user starts it, to a real sshd on port 22 of the emulated VM. */

import assert from "node:assert/strict";
import { type BastionLauncher, createBastionLauncher } from "./bastion_launcher.ts";
import { type AzureOptions, type EmulatedAzure, withAzure } from "./emulated_azure.ts";
import { freePort } from "./free_port.ts";
import { runProgram, type RunResult } from "./run.ts";
import { type Sshd, type SshdOptions, startSshd } from "./sshd.ts";

export interface BastionSsh {
  readonly azure: EmulatedAzure;
  readonly launcher: BastionLauncher;
  readonly sshd: Sshd;
  /** One run of the program to its end, after which nothing private of it is left on disk. */
  bastion(args: readonly string[], options?: BastionRun): Promise<RunResult>;
  /** The same, of `bastion ssh`. */
  ssh(args: readonly string[], stdin?: string | Uint8Array): Promise<RunResult>;
  /** The same, with the key that may enter. */
  sshByKey(args: readonly string[]): Promise<RunResult>;
}

export interface BastionRun {
  readonly stdin?: string | Uint8Array;
  /** Added to the environment. */
  readonly env?: Readonly<Record<string, string>>;
}

export interface BastionSshOptions {
  /** A function, where the server is to know something of this Azure. */
  readonly sshd?: SshdOptions | ((azure: EmulatedAzure) => Promise<SshdOptions>);
  readonly azure?: Omit<AzureOptions, "ports">;
}

export async function withSsh(
  body: (way: BastionSsh) => Promise<void>,
  { sshd: wanted = {}, azure: world = {} }: BastionSshOptions = {},
): Promise<void> {
  const port = freePort();
  await withAzure({ ports: { 22: port }, ...world }, async (azure) => {
    const options = typeof wanted === "function" ? await wanted(azure) : wanted;
    await using sshd = await startSshd({ ...options, port });
    const launcher = await createBastionLauncher(azure);
    const bastion: BastionSsh["bastion"] = async (args, { stdin, env = {} } = {}) => {
      const others = await privateDirectories(azure);
      const result = await runProgram([launcher.path, ...args], {
        env: { ...launcher.env, ...env },
        inherit: false,
        ...(stdin === undefined ? {} : { stdin }),
      });
      const left = await privateDirectories(azure);
      assert.deepEqual(left, others, "key, certificate, password are gone");
      return result;
    };
    const ssh: BastionSsh["ssh"] = (args, stdin) =>
      bastion(["ssh", ...args], stdin === undefined ? {} : { stdin });
    const key = ["--auth-type", "ssh-key", "--username", sshd.user, "--ssh-key", sshd.identityFile];
    try {
      await body({
        azure,
        launcher,
        sshd,
        bastion,
        ssh,
        sshByKey: (args) => ssh(["-n", "hub", "-g", "net", ...key, ...args]),
      });
    } catch (error) {
      throw new Error(`${error instanceof Error ? error.message : error}\nsshd: ${sshd.log()}`, {
        cause: error,
      });
    }
    await launcher.settle();
  });
}

/** Where the program keeps what a sign-in needs on disk. */
export async function privateDirectories({ stateDirectory }: EmulatedAzure): Promise<string[]> {
  try {
    const entries = await Array.fromAsync(Deno.readDir(stateDirectory));
    return entries.map(({ name }) => name).filter((name) => name.startsWith("ssh-"))
      .sort();
  } catch (error) {
    // Nothing was ever kept.
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}
