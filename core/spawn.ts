/** Runs a program for the user, with the user's terminal, to its end. */

import type { Clock } from "./clock.ts";
import { bastionError, messageOf } from "./errors.ts";

export interface SpawnOptions {
  /** Added to the environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** Asks the program to end (SIGTERM, and SIGKILL 5 s later). */
  readonly signal?: AbortSignal;
}

/** Where the signals that the user sends us go while a program of the user's is in front. */
export interface Foreground {
  /** Until disposed, every end signal goes to `receive` in place of ending us. */
  take(receive: (signal: Deno.Signal) => void): Disposable;
}

const KILL_AFTER = 5_000;

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
  let child: Deno.ChildProcess;
  try {
    child = new Deno.Command(program, {
      args,
      stdin: "inherit",
      stdout: "inherit",
      stderr: "inherit",
      ...(options.env ? { env: { ...options.env } } : {}),
    }).spawn();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) {
      throw bastionError("command-not-found", { program }, error);
    }
    throw bastionError("command-failed", { program, problem: messageOf(error) }, error);
  }
  let cancelKill: (() => void) | undefined;
  const send = (signal: Deno.Signal) => {
    try {
      child.kill(signal);
    } catch {
      // It has ended already.
    }
  };
  const end = (signal: Deno.Signal) => {
    send(signal);
    cancelKill ??= clock.after(KILL_AFTER, () => send("SIGKILL"));
  };
  const onAbort = () => end("SIGTERM");
  options.signal?.addEventListener("abort", onAbort, { once: true });
  if (options.signal?.aborted) onAbort();
  using _taken = foreground.take((signal) => {
    if (signal !== "SIGINT") end(signal);
    else if (!Deno.stdin.isTerminal()) send(signal);
  });
  try {
    return (await child.status).code;
  } finally {
    cancelKill?.();
    options.signal?.removeEventListener("abort", onAbort);
  }
}
