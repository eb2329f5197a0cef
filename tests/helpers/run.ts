/** Runs a program to its end, in a bounded time. */

import { startInBackground } from "./background_process.ts";

export interface RunOptions {
  /** Added to the test's own environment, unless `inherit` is false: then it is the whole. */
  readonly env?: Readonly<Record<string, string>>;
  readonly inherit?: boolean;
  readonly cwd?: string;
  /** What it reads; nothing where it is left out. */
  readonly stdin?: string | Uint8Array;
  /** Milliseconds; 60,000 where it is left out. */
  readonly timeout?: number;
}

export interface RunResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** @throws Error with all that it wrote, where it does not end in time; it is killed then */
export async function runProgram(
  command: readonly [string, ...string[]],
  { env = {}, inherit = true, cwd, stdin, timeout = 60_000 }: RunOptions = {},
): Promise<RunResult> {
  await using process = startInBackground(command, {
    env: { ...(inherit ? Deno.env.toObject() : {}), ...env },
    ...(cwd === undefined ? {} : { cwd }),
    stdin: stdin === undefined ? "null" : "piped",
    endSignal: "SIGKILL",
  });
  const fed = stdin === undefined || !process.stdin
    ? undefined
    : feed(process.stdin, typeof stdin === "string" ? new TextEncoder().encode(stdin) : stdin);
  const { code } = await process.exit(timeout);
  await fed;
  return { code, stdout: process.stdout(), stderr: process.stderr() };
}

/**
 * What a program wrote that ends with code 0, as it should.
 * @throws Error with all that it wrote, where it ends otherwise
 */
export async function runSuccessfully(
  command: readonly [string, ...string[]],
  options?: RunOptions,
): Promise<RunResult> {
  const result = await runProgram(command, options);
  if (result.code === 0) return result;
  const { code, stdout, stderr } = result;
  throw new Error(
    `${command.join(" ")}\nended with code ${code}\nstdout: ${stdout}\nstderr: ${stderr}`,
  );
}

async function feed(stdin: WritableStream<Uint8Array>, bytes: Uint8Array): Promise<void> {
  try {
    const writer = stdin.getWriter();
    await writer.write(bytes);
    await writer.close();
  } catch {
    // It ended without reading all: its code and output say whether that is right.
  }
}
