/** The service `ssh` of an app in this process, to a real sshd behind the emulated VM. */

import type {
  LogRecord,
  PluginContext,
  PluginFactory,
  SshSession,
  SshSessionRequest,
  SshSessions,
} from "../../core/mod.ts";
import { sshCommands } from "../../plugins/ssh/mod.ts";
import { bastionCommand, bastionEnvironment } from "./bastion_process.ts";
import { type AzureOptions, type EmulatedAzure, withAzure } from "./emulated_azure.ts";
import { startTestApp } from "./emulated_tunnel.ts";
import { eventually } from "./eventually.ts";
import { hasProc } from "./process_files.ts";
import { processTree } from "./process_tree.ts";
import { type Sshd, type SshdOptions, startSshd } from "./sshd.ts";

export interface SshService {
  readonly azure: EmulatedAzure;
  readonly sshd: Sshd;
  readonly log: readonly LogRecord[];
  /** The context of the ssh plugin. */
  readonly ctx: PluginContext;
  /** A session with the key that may enter, unless `request` has another sign-in. */
  open(request?: Partial<SshSessionRequest>): Promise<SshSession>;
}

export interface SshServiceOptions {
  readonly sshd?: SshdOptions;
  readonly plugins?: readonly PluginFactory[];
  readonly azure?: AzureOptions;
  /** The name of the directory, in the test's own, that the app's state is in. */
  readonly state?: string;
}

/** At its end no session and no ssh may be left, and nothing on disk but what is kept. */
export async function withSshService(
  body: (service: SshService) => Promise<void>,
  { sshd: how, plugins = [], azure: options, state: name = "state" }: SshServiceOptions = {},
): Promise<void> {
  await using sshd = await startSshd(how);
  await withAzure({ ...options, ports: { 22: sshd.port, ...options?.ports } }, async (azure) => {
    const log: LogRecord[] = [];
    const state = azure.file(name);
    const self = await launcher(azure, state);
    const app = await startTestApp(azure.emulator, state, log, [sshCommands, ...plugins], [self]);
    try {
      const ctx = app.context("ssh");
      const target = await ctx.resolve({ word: "web1", port: 22 });
      const sessions = await ctx.service<SshSessions>({ name: "ssh" });
      await body({
        azure,
        sshd,
        log,
        ctx,
        open: (request) =>
          sessions.open({
            target,
            user: sshd.user,
            ...(request?.authType === undefined
              ? { authType: "ssh-key", key: sshd.identityFile }
              : {}),
            ...request,
          }),
      });
      await nothingIsLeft(azure, ctx.platform.stateDirectory);
    } catch (error) {
      const said = error instanceof Error ? error.stack : String(error);
      const logged = log.map(({ level, message }) => `${level} ${message}`).join("\n");
      throw new Error(`${said}\nsshd: ${sshd.log()}\nlog: ${logged}`, { cause: error });
    } finally {
      await app.stop();
    }
  });
}

async function nothingIsLeft(
  { emulator }: EmulatedAzure,
  stateDirectory: string,
): Promise<void> {
  await eventually("nothing on disk", async () => {
    const names = (await Array.fromAsync(Deno.readDir(stateDirectory))).map(({ name }) => name);
    return names.every((name) => !name.startsWith("ssh-"));
  });
  if (hasProc) {
    await eventually("no ssh that runs", async () => {
      const running = await processTree(Deno.pid);
      return running.every(({ cmdline }) => !cmdline.includes(stateDirectory));
    });
  }
  // ssh tells its proxy to end, and does not wait for it.
  await eventually("the end of every session", () => emulator.stats().outstandingSessions === 0);
}

/** ssh hands its proxy this process's environment; the emulator's is in the script. */
async function launcher({ emulator, file }: EmulatedAzure, state: string): Promise<string> {
  const quoted = (text: string) => `'${text.replaceAll("'", "'\\''")}'`;
  const env = bastionEnvironment({ ...emulator.environment, XDG_STATE_HOME: state });
  const lines = Object.entries(env).filter(([name]) => /^\w+$/.test(name))
    .map(([name, value]) => `export ${name}=${quoted(value)}`);
  const path = file("bastion-of-the-app");
  const command = bastionCommand().map(quoted).join(" ");
  await Deno.writeTextFile(path, `#!/bin/sh\n${lines.join("\n")}\nexec ${command} "$@"\n`, {
    mode: 0o700,
  });
  return path;
}
