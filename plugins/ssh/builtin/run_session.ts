/** The user's streams and an SSH channel, until one of them has had enough. */

import type {
  SshChannel,
  SshExit,
  StdioStream,
  Terminal,
  TerminalSize,
} from "../../../core/mod.ts";
import { createEscapeKeys, ESCAPES } from "./escape_keys.ts";
import { pump } from "./pump.ts";

/** The channel's other end is a terminal: this one is put into its service. */
export interface TerminalUse {
  readonly terminal: Pick<Terminal, "raw" | "onResize">;
  readonly resize: (size: TerminalSize) => void;
}

export interface SessionStreams {
  readonly stdio: StdioStream;
  readonly stderr: Pick<typeof Deno.stderr, "write">;
  readonly signal: AbortSignal;
  readonly terminal?: TerminalUse | undefined;
}

/** How it ended: the far side's way, by `~.`, or since nobody reads stdout any more. */
export type SessionEnd = SshExit | "escape" | "nobody-reads";

/**
 * However it ends, the terminal is as it was and the channel is closed.
 * @throws BastionError where the way to the VM was lost; the signal's reason
 */
export async function runSession(
  channel: SshChannel,
  { stdio, stderr, signal, terminal }: SessionStreams,
): Promise<SessionEnd> {
  // It may be known before it is asked for.
  channel.ended.catch(() => {});
  const early = Promise.withResolvers<"escape">();
  const onAbort = () => early.reject(signal.reason);
  signal.addEventListener("abort", onAbort, { once: true });
  using stack = new DisposableStack();
  stack.defer(() => {
    signal.removeEventListener("abort", onAbort);
    stdio.close();
    channel.close();
  });
  signal.throwIfAborted();
  if (terminal) {
    stack.use(terminal.terminal.raw());
    stack.use(terminal.terminal.onResize(terminal.resize));
  }
  const toStderr = (bytes: Uint8Array) => stderr.write(bytes);

  async function send(): Promise<void> {
    try {
      if (terminal) await pump(stdio, withEscapes);
      else await pump(stdio, (bytes) => channel.write(bytes));
    } catch {
      // A terminal that is gone has no more to say, either.
    }
    // What the far side no longer takes is not its end: that comes by what it says.
    await channel.closeWrite().catch(() => {});
  }

  const keys = createEscapeKeys();
  async function withEscapes(bytes: Uint8Array): Promise<number> {
    const { send, end, help } = keys(bytes);
    for (let at = 0; at < send.length;) at += await channel.write(send.subarray(at));
    if (help) await toStderr(new TextEncoder().encode(ESCAPES));
    if (end) {
      await toStderr(new TextEncoder().encode("~.\r\n"));
      early.resolve("escape");
    }
    return bytes.length;
  }

  async function receive(): Promise<SessionEnd> {
    try {
      await Promise.all([
        pump(channel, (bytes) => stdio.write(bytes)),
        // Who closes stderr does not want to know.
        pump(channel.stderr, (bytes) => toStderr(bytes).catch(() => bytes.length)),
      ]);
    } catch {
      if (stdio.gone) return "nobody-reads";
      // The way was lost: `ended` knows why.
    }
    return await channel.ended;
  }

  void send();
  return await Promise.race([receive(), early.promise]);
}
