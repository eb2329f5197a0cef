/** Runs a program for the user, with the user's terminal, to its end. */

import { childSignals } from "./child_signals.ts";
import type { Clock } from "./clock.ts";
import { spawnChild } from "./spawn_child.ts";

export interface SpawnOptions {
  /** Added to the environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** Its stderr passes by here on its way to ours; then it is no terminal to the program. */
  readonly onStderr?: (bytes: Uint8Array) => void;
  /** It has a window and no use for the terminal: it reads nothing, and signals stay ours. */
  readonly window?: boolean;
  /** Asks the program to end (SIGTERM, and SIGKILL 5 s later). */
  readonly signal?: AbortSignal;
}

/** Where the signals that the user sends us go while a program of the user's is in front. */
export interface Foreground {
  /** Until disposed, every end signal goes to `receive` in place of ending us. */
  take(receive: (signal: Deno.Signal) => void): Disposable;
}

/**
 * The program's exit code (128 and the signal's number where a signal ended it).
 *
 * While it runs, Ctrl-C is the program's affair, as in a shell: the terminal sends it to both, and
 * ends only what does not want to live on (psql cancels a query). Without a terminal, whoever
 * signals us means the program, so that it is passed on.
 * @throws BastionError `command-not-found`, `command-failed`
 */
export async function spawnForUser(
  command: readonly [string, ...string[]],
  options: SpawnOptions,
  foreground: Foreground,
  clock: Clock,
): Promise<number> {
  const [program, ...args] = command;
  const child = spawnChild(program, {
    args,
    stdin: options.window ? "null" : "inherit",
    stdout: "inherit",
    stderr: options.onStderr ? "piped" : "inherit",
    ...(options.env ? { env: { ...options.env } } : {}),
  });
  const passing = options.onStderr && passOn(child.stderr, options.onStderr);
  const signals = childSignals(child, clock);
  const onAbort = () => signals.end("SIGTERM");
  options.signal?.addEventListener("abort", onAbort, { once: true });
  if (options.signal?.aborted) onAbort();
  using _taken = options.window ? undefined : foreground.take((signal) => {
    if (signal !== "SIGINT") signals.end(signal);
    else if (!Deno.stdin.isTerminal()) signals.send(signal);
  });
  try {
    return (await child.status).code;
  } finally {
    await passing?.end(clock);
    signals.ended();
    options.signal?.removeEventListener("abort", onAbort);
  }
}

/** What a program leaves running (ssh's ControlPersist) may hold its stderr open for ever, in ms. */
const LAST_WORDS = 1_000;

function passOn(stream: ReadableStream<Uint8Array>, see: (bytes: Uint8Array) => void) {
  const reader = stream.getReader();
  const done = (async () => {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      see(value);
      for (let at = 0; at < value.length;) at += await Deno.stderr.write(value.subarray(at));
    }
  })().catch(() => reader.cancel());
  return {
    /** All that the program has said before its end has been passed on. */
    async end(clock: Clock): Promise<void> {
      const cancel = clock.after(LAST_WORDS, () => void reader.cancel());
      await done;
      cancel();
    },
  };
}
