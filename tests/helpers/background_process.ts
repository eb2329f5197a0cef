/** A program that runs beside the test: its output collected, ended by its own pid, never left. */

import { eventually } from "./eventually.ts";

export interface BackgroundProcess extends AsyncDisposable {
  readonly pid: number;
  /** What it has written so far. */
  stdout(): string;
  stderr(): string;
  /** Sends a signal; nothing happens where it has ended already. */
  signal(name: Deno.Signal): void;
  /** Waits for the match of `pattern` in one of its outputs; fails at once where it ends before. */
  output(
    stream: "stdout" | "stderr",
    pattern: RegExp,
    within?: number,
  ): Promise<RegExpExecArray>;
  /** Waits for its end and all its output. @throws Error where it does not end in time */
  exit(within?: number): Promise<Deno.CommandStatus>;
  /** Its input, where `stdin` was "piped". */
  readonly stdin: WritableStream<Uint8Array> | undefined;
}

export interface BackgroundOptions {
  /** The whole environment; the test's own where it is left out. */
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly stdin?: "null" | "piped";
  /** Runs as another user (only root may). */
  readonly uid?: number;
  readonly gid?: number;
  /** How it is asked to end when it is disposed of; killed 10 s later. */
  readonly endSignal?: Deno.Signal;
}

const END_WITHIN = 10_000;

export function startInBackground(
  [program, ...args]: readonly [string, ...string[]],
  { env, cwd, stdin = "null", uid, gid, endSignal = "SIGTERM" }: BackgroundOptions = {},
): BackgroundProcess {
  const child = new Deno.Command(program, {
    args,
    stdin,
    stdout: "piped",
    stderr: "piped",
    ...(env ? { env: { ...env }, clearEnv: true } : {}),
    ...(cwd === undefined ? {} : { cwd }),
    ...(uid === undefined ? {} : { uid }),
    ...(gid === undefined ? {} : { gid }),
  }).spawn();
  const outputs = { stdout: collect(child.stdout), stderr: collect(child.stderr) };
  let status: Deno.CommandStatus | undefined;
  const ended = child.status.then((value) => status = value);

  const signal = (name: Deno.Signal) => {
    if (status) return;
    try {
      child.kill(name);
    } catch (error) {
      // Between its end and our hearing of it, there is nobody to signal.
      if (!(error instanceof TypeError || error instanceof Deno.errors.NotFound)) throw error;
    }
  };
  const report = () =>
    `${program} ${
      args.join(" ")
    }\nstdout: ${outputs.stdout.text()}\nstderr: ${outputs.stderr.text()}`;

  return {
    pid: child.pid,
    stdin: stdin === "piped" ? child.stdin : undefined,
    stdout: outputs.stdout.text,
    stderr: outputs.stderr.text,
    signal,
    async output(stream, pattern, within = 30_000) {
      const found = await eventually(`${pattern} in ${stream} of ${report()}`, () => {
        const match = pattern.exec(outputs[stream].text());
        return match ?? (status && outputs[stream].complete() ? "ended" : undefined);
      }, { within });
      if (found === "ended") {
        throw new Error(
          `ended with code ${status?.code} before ${pattern} in ${stream}: ${report()}`,
        );
      }
      return found;
    },
    async exit(within = 30_000) {
      let timer: ReturnType<typeof setTimeout> | undefined;
      const late = new Promise<"late">((resolve) => {
        timer = setTimeout(() => resolve("late"), within);
      });
      const all = Promise.all([ended, outputs.stdout.done, outputs.stderr.done]);
      try {
        if (await Promise.race([all, late]) === "late") {
          throw new Error(`not ended within ${within} ms: ${report()}`);
        }
      } finally {
        clearTimeout(timer);
      }
      return await ended;
    },
    async [Symbol.asyncDispose]() {
      signal(endSignal);
      const timer = setTimeout(() => signal("SIGKILL"), END_WITHIN);
      await ended;
      clearTimeout(timer);
      // What it started may hold its pipes open for longer than the test cares.
      await Promise.all([outputs.stdout.stop(), outputs.stderr.stop()]);
      if (stdin === "piped" && !child.stdin.locked) await child.stdin.abort().catch(() => {});
    },
  };
}

/** Reads a stream to its end, and tells at any time what has come. */
function collect(stream: ReadableStream<Uint8Array>) {
  const reader = stream.getReader();
  const decoder = new TextDecoder();
  let text = "";
  let complete = false;
  const done = (async () => {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      text += decoder.decode(value, { stream: true });
    }
    complete = true;
  })();
  return {
    text: () => text,
    complete: () => complete,
    done,
    async stop() {
      if (complete) return;
      await reader.cancel();
      await done;
    },
  };
}
