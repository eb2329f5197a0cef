/** Runs of `bastion ssh-config` in a user's own surroundings, and of ssh by what they install. */

import { type BastionLauncher, createBastionLauncher } from "./bastion_launcher.ts";
import { denoDirectory } from "./deno_directory.ts";
import { type EmulatedAzure, withAzure } from "./emulated_azure.ts";
import { freePort } from "./free_port.ts";
import { runProgram, type RunResult } from "./run.ts";
import { type Sshd, type SshdOptions, startSshd } from "./sshd.ts";
import { tempDir } from "./temp_dir.ts";

export interface SshConfigWay {
  readonly azure: EmulatedAzure;
  readonly launcher: BastionLauncher;
  readonly sshd: Sshd;
  readonly home: string;
  /** For programs that start ssh. */
  readonly env: Readonly<Record<string, string>>;
  /** The configuration that is installed into. */
  readonly config: string;
  bastion(args: readonly string[]): Promise<RunResult>;
  /** `ssh-config install` or `remove`, which must succeed; the file's text then. */
  change(verb: "install" | "remove", args?: readonly string[]): Promise<string>;
  ssh(args: readonly string[]): Promise<RunResult>;
}

/** With a real sshd behind port 22 of the VM `web1`. @param options how that is set up */
export async function withSshConfig(
  body: (way: SshConfigWay) => Promise<void>,
  options: (azure: EmulatedAzure) => Promise<SshdOptions> = () => Promise.resolve({}),
): Promise<void> {
  const port = freePort();
  await withAzure({ ports: { 22: port } }, async (azure) => {
    await using sshd = await startSshd({ ...await options(azure), port });
    const launcher = await createBastionLauncher(azure);
    // Near the root, as a user's is: sockets have short paths.
    await using directory = await tempDir();
    const home = directory.path;
    const config = directory.file(".ssh", "config");
    const env = { ...launcher.env, HOME: home, DENO_DIR: await denoDirectory() };
    const run = (words: readonly [string, ...string[]]) =>
      runProgram(words, { env, inherit: false, timeout: 180_000 });
    const bastion = (args: readonly string[]) => run([launcher.path, ...args]);
    try {
      await body({
        azure,
        launcher,
        sshd,
        home,
        env,
        config,
        bastion,
        async change(verb, args = []) {
          const { code, stderr } = await bastion(["ssh-config", verb, ...args]);
          if (code !== 0) throw new Error(`ssh-config ${verb} ended with ${code}: ${stderr}`);
          return await Deno.readTextFile(config);
        },
        ssh: (args) => run(["ssh", "-F", config, "-o", "BatchMode=yes", ...args]),
      });
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      const log = (await launcher.log()).slice(-4000);
      throw new Error(`${message}\nlog: ${log}\nsshd: ${sshd.log()}`, { cause: error });
    }
    await launcher.settle();
  });
}
