/** Starts a program that works beside us, with its three streams in our hands. */

import { chunkedSource } from "./chunked_source.ts";
import { childSignals } from "./child_signals.ts";
import type { Clock } from "./clock.ts";
import { spawnChild } from "./spawn_child.ts";
import type { ByteSource } from "./tunnel/adaptive_reader.ts";
import type { ByteStream } from "./tunnel/tunnel_request.ts";

export interface StartOptions {
  /** Added to the environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** Asks the program to end, as disposing of it does. */
  readonly signal?: AbortSignal;
}

/**
 * Reads are of its stdout, writes go to its stdin; `closeWrite` ends stdin, and `close` asks the
 * program to end (SIGTERM, and SIGKILL 5 s later). Disposing of it does so, and waits. It stands in
 * our terminal's group, so that it can ask the user there, and Ctrl-C reaches it.
 */
export interface StartedProgram extends ByteStream, AsyncDisposable {
  readonly stderr: ByteSource;
  /** The exit code (128 and the signal's number where a signal ended it). Never rejects. */
  readonly ended: Promise<number>;
}

/** @throws BastionError `command-not-found`, `command-failed` */
export function startProgram(
  [program, ...args]: readonly [string, ...string[]],
  { env, signal }: StartOptions,
  clock: Clock,
): StartedProgram {
  const child = spawnChild(program, {
    args,
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
    ...(env ? { env: { ...env } } : {}),
  });
  const stdin = child.stdin.getWriter();
  // Whoever writes next is told.
  stdin.closed.catch(() => {});
  const stdout = sourceOf(child.stdout);
  const stderr = sourceOf(child.stderr);
  const signals = childSignals(child, clock);
  let over = false;
  const close = () => {
    if (!over) signals.end("SIGTERM");
  };
  const ended = child.status.then(({ code }) => {
    over = true;
    signals.ended();
    signal?.removeEventListener("abort", close);
    // Nobody reads it any longer; its outputs may hold something yet.
    stdin.abort(new Deno.errors.BrokenPipe("the program has ended")).catch(() => {});
    return code;
  });
  signal?.addEventListener("abort", close, { once: true });
  if (signal?.aborted) close();
  return {
    stderr,
    ended,
    read: stdout.read,
    async write(bytes) {
      await stdin.write(bytes);
      return bytes.length;
    },
    async closeWrite() {
      // It may have ended its side before.
      await stdin.close().catch(() => {});
    },
    close,
    async [Symbol.asyncDispose]() {
      close();
      await ended;
      await Promise.all([stdout.cancel(), stderr.cancel()]);
    },
  };
}

function sourceOf(stream: ReadableStream<Uint8Array>) {
  const reader = stream.getReader();
  return {
    ...chunkedSource(async () => (await reader.read()).value ?? null),
    // Somebody may be reading it still: he is told the end.
    cancel: () => reader.cancel().catch(() => {}),
  };
}
