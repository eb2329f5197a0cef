/**
 * The ssh that signs in once for all channels of a connection (ControlMaster): a tunnel, a question
 * for a passphrase, and half a second each would be the price otherwise.
 */

import { join } from "node:path";
import type { StartedProgram } from "../../../core/mod.ts";
import { reasonOf, warningsOf } from "./channel_end.ts";
import type { ClientSetup } from "./client_setup.ts";
import type { Master, NativeConnection } from "./native_connection.ts";
import { pathSetting, settingOptions } from "./ssh_setting.ts";

/** A socket's path has 104 bytes on macOS, and ssh tries 17 more behind it. */
const MAX_PATH = 104 - 17 - 1;
/** So much of the end of its stderr is kept, in characters. */
const MAX_SAID = 8192;
/** Milliseconds within which a master that works says so. */
const CHECK_LIMIT = 5_000;

/** Nothing where the platform has no such connections, or the directory's name is too long for one. */
export async function openMaster(
  { program, words, directory, target, ctx }: NativeConnection,
  setup: ClientSetup,
  signal: AbortSignal,
): Promise<Master | undefined> {
  const socket = join(directory, "c");
  if (ctx.platform.os === "windows") return undefined;
  if (new TextEncoder().encode(socket).length > MAX_PATH) return undefined;
  const path = pathSetting("ControlPath", socket, ctx);
  const process = ctx.start([
    program,
    ...settingOptions([
      ...["ControlMaster=yes", "ControlPersist=no", path],
      // It is run when others can go by the connection: no shell reads it as anything else.
      ...["PermitLocalCommand=yes", "LocalCommand=echo ready"],
    ]),
    ...words,
    ...setup.words,
    "-N",
    ...setup.login,
    // Accounts that only run programs may have none that runs commands.
  ], { env: { SHELL: "/bin/sh", ...setup.env }, signal });
  await process.closeWrite();
  const listening = listen(process);
  const ready = await process.read(new Uint8Array(16));
  if (ready === null) {
    await process.ended;
    await listening.done;
    await process[Symbol.asyncDispose]();
    signal.throwIfAborted();
    const reason = reasonOf(listening.said());
    throw setup.explain(listening.said()) ?? ctx.error("ssh/session-failed", { target, reason });
  }
  for (const warning of warningsOf(listening.said())) ctx.log.warning(warning);
  return {
    process,
    // Should the master be gone, a client must not go there by itself.
    words: settingOptions(["ControlMaster=no", path, "ProxyCommand=false"]),
    async isAlive() {
      const check = [program, ...settingOptions([path]), "-O", "check", ...setup.login] as const;
      await using asking = ctx.start([...check]);
      // A master that stands still answers nothing.
      const cancel = ctx.clock.after(CHECK_LIMIT, () => asking.close());
      try {
        return await asking.ended === 0;
      } finally {
        cancel();
      }
    },
    async whyLost() {
      process.close();
      await process.ended;
      await listening.done;
      return ctx.error("ssh/session-lost", { target, reason: reasonOf(listening.said()) });
    },
  };
}

/** Keeps the end of what it says; it must be read, or ssh would wait. */
function listen(process: StartedProgram) {
  let said = "";
  const decoder = new TextDecoder();
  const buffer = new Uint8Array(4096);
  const done = (async () => {
    for (;;) {
      const size = await process.stderr.read(buffer);
      if (size === null) return;
      said = (said + decoder.decode(buffer.subarray(0, size), { stream: true })).slice(-MAX_SAID);
    }
  })();
  return { said: () => said, done };
}
