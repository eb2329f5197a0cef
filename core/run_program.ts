/** Runs a program that answers on its stdout: without a shell, in bounded time, with bounded output. */

import type { Clock } from "./clock.ts";
import { bastionError } from "./errors.ts";
import type { Platform } from "./platform.ts";
import { spawnChild } from "./spawn_child.ts";

export interface ProgramOptions {
  /** Written to its stdin, which is empty otherwise: the place for secrets, never `args`. */
  readonly stdin?: string;
  /** Added to the environment. */
  readonly env?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
  /** Milliseconds for the whole run; 60,000 where it is left out. */
  readonly timeout?: number;
  /** The most that is read of stdout and of stderr; 4 MiB each where it is left out. */
  readonly maxBytes?: number;
}

export interface ProgramResult {
  /** Exit code; 128 and the signal's number where a signal ended it. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `file` (found already: see {@linkcode findProgram}) with `args`. */
export type ProgramRunner = (
  command: readonly [file: string, ...args: string[]],
  options?: ProgramOptions,
) => Promise<ProgramResult>;

const TIMEOUT = 60_000;
const MAX_BYTES = 4 * 1024 * 1024;

/**
 * What is not over in time, says too much or is given up is killed, with all that it has started.
 * The runner throws BastionError `command-not-found`, `command-failed`, and the signal's reason.
 */
export function programRunner(platform: Platform, clock: Clock): ProgramRunner {
  return async ([file, ...args], options = {}) => {
    const { signal, timeout = TIMEOUT, maxBytes = MAX_BYTES } = options;
    signal?.throwIfAborted();
    const failed = (problem: string, cause?: unknown) =>
      bastionError("command-failed", { program: file, problem }, cause);
    const child = start(platform, [file, ...args], options);
    const stop = Promise.withResolvers<never>();
    const onAbort = () => stop.reject(signal?.reason);
    signal?.addEventListener("abort", onAbort, { once: true });
    const cancel = clock.after(
      timeout,
      () => stop.reject(failed(`it was not done within ${timeout / 1000} s`)),
    );
    const readers = [child.stdout.getReader(), child.stderr.getReader()] as const;
    const read = (reader: ReadableStreamDefaultReader<Uint8Array>) =>
      readAll(reader, maxBytes, () => failed(`it printed more than ${maxBytes} bytes`));
    const stdin = child.stdin.getWriter();
    const feeding = feed(stdin, options.stdin ?? "");
    let done = false;
    try {
      const [stdout, stderr, status] = await Promise.race([
        Promise.all([read(readers[0]), read(readers[1]), child.status]),
        stop.promise,
      ]);
      done = true;
      return { code: status.code, stdout, stderr };
    } finally {
      cancel();
      signal?.removeEventListener("abort", onAbort);
      if (!done) platform.killTree(child);
      // What the program has left running may hold its streams open for ever.
      await Promise.allSettled([
        ...readers.map((reader) => reader.cancel()),
        ...(done ? [] : [stdin.abort()]),
        feeding,
        child.status,
      ]);
    }
  };
}

function start(
  platform: Platform,
  command: readonly [string, ...string[]],
  { env }: ProgramOptions,
): Deno.ChildProcess {
  const { program, ...how } = platform.startOf(command);
  const streams = { stdin: "piped", stdout: "piped", stderr: "piped" } as const;
  return spawnChild(
    program,
    { ...how, ...streams, ...(env ? { env: { ...env } } : {}) },
    command[0],
  );
}

async function feed(stdin: WritableStreamDefaultWriter<Uint8Array>, text: string): Promise<void> {
  try {
    if (text !== "") await stdin.write(new TextEncoder().encode(text));
    await stdin.close();
  } catch {
    // It did not care to read; its exit code says whether that was well.
  }
}

async function readAll(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  limit: number,
  tooMuch: () => Error,
): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  let length = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return text + decoder.decode();
    length += value.length;
    if (length > limit) throw tooMuch();
    text += decoder.decode(value, { stream: true });
  }
}
