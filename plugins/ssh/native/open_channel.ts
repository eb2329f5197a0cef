/** One run of OpenSSH's client as a channel: a command, a subsystem, or a connection to a port. */

import { join } from "node:path";
import type { ByteSource, SshChannel, SshExit } from "../../../core/mod.ts";
import { channelEnd, reasonOf, warningsOf } from "./channel_end.ts";
import type { ClientSetup } from "./client_setup.ts";
import type { NativeConnection } from "./native_connection.ts";
import { settingOptions } from "./ssh_setting.ts";

/** As OpenSSH ends where the command has not told how it ended. */
const NO_EXIT = 255;
/** So much of the end of its stderr and of its log is kept, in characters and bytes. */
const MAX_SAID = 8192;
const MAX_LOG = 64 * 1024;

/** Disposing of it ends it, if it has not ended. */
export interface NativeChannel extends SshChannel, AsyncDisposable {
  /** Resolves when both outputs were read to their end: there is nothing left to dispose of. */
  readonly drained: Promise<unknown>;
}

/** For ssh, before and behind the host's name. */
export interface ChannelWords {
  readonly before?: readonly string[];
  readonly behind?: readonly string[];
}

/**
 * @param request what is asked for, for the error where the server refuses it
 */
export function openChannel(
  connection: NativeConnection,
  setup: ClientSetup,
  words: ChannelWords,
  request: string,
): NativeChannel {
  const { program, directory, master, target, ctx } = connection;
  // Its own words go into a file: stderr is the command's alone.
  const log = join(directory, `log-${crypto.randomUUID()}`);
  Deno.writeTextFileSync(log, "", { createNew: true, mode: 0o600 });
  const child = ctx.start([
    program,
    ...["-E", log, ...settingOptions(["LogLevel=DEBUG2"])],
    ...(master?.words ?? [...connection.words, ...setup.words]),
    ...(words.before ?? []),
    ...setup.login,
    ...(words.behind ? ["--", ...words.behind] : []),
  ], { env: setup.env });
  let closed = false;
  let said = "";
  const decoder = new TextDecoder();
  const outputs = [Promise.withResolvers<void>(), Promise.withResolvers<void>()] as const;

  const stderr: ByteSource = {
    async read(into) {
      const size = await child.stderr.read(into);
      if (size === null) {
        outputs[1].resolve();
        return null;
      }
      const text = decoder.decode(into.subarray(0, size), { stream: true });
      said = (said + text).slice(-MAX_SAID);
      return size;
    },
  };

  async function exitOf(code: number): Promise<SshExit> {
    const logged = await readEnd(log);
    await Deno.remove(log).catch(() => {});
    // The master has told that a host's key is new.
    for (const warning of master ? [] : warningsOf(logged)) ctx.log.warning(warning);
    if (code !== NO_EXIT) return { code };
    if (closed) return { signal: "" };
    switch (channelEnd(logged, master !== undefined)) {
      case "code":
        return { code };
      case "signal":
        return { signal: "" };
      case "signal-or-lost":
        if (!master || await master.isAlive()) return { signal: "" };
        throw await master.whyLost();
      case "lost":
        await drain(stderr);
        throw ctx.error("ssh/session-lost", { target, reason: reasonOf(logged + said) });
      case "refused":
        if (master && !await master.isAlive()) throw await master.whyLost();
        await drain(stderr);
        throw setup.explain(logged + said) ??
          ctx.error("ssh/request-refused", { target, request, problem: reasonOf(logged + said) });
    }
  }

  const ended = child.ended.then(exitOf);
  // Whoever reads is told as well.
  ended.catch(() => {});
  const close = () => {
    closed = true;
    child.close();
  };
  return {
    ended,
    drained: Promise.all(outputs.map(({ promise }) => promise)),
    async read(into) {
      const size = await child.read(into);
      // ssh holds stdout open to its end: now it is known how that was.
      if (size !== null) return size;
      outputs[0].resolve();
      await ended;
      return null;
    },
    stderr,
    write: child.write,
    closeWrite: child.closeWrite,
    close,
    async [Symbol.asyncDispose]() {
      close();
      await child[Symbol.asyncDispose]();
      await ended.catch(() => {});
    },
  };
}

/** Our proxy says there, too, why it has ended; where nobody reads, that is still to come. */
async function drain(source: ByteSource): Promise<void> {
  const buffer = new Uint8Array(4096);
  while (await source.read(buffer) !== null);
}

async function readEnd(file: string): Promise<string> {
  try {
    using opened = await Deno.open(file);
    const { size } = await opened.stat();
    await opened.seek(Math.max(0, size - MAX_LOG), Deno.SeekMode.Start);
    return await new Response(opened.readable).text();
  } catch {
    // With the connection its directory has gone.
    return "";
  }
}
