/** Processes of the benchmark: started, told where to go, ended. */

import { fileURLToPath } from "node:url";

/** What `pump.ts` prints: its ports, in the order of `modes` for TCP, and its certificate as PEM. */
export interface Pump {
  readonly tls: number;
  readonly tcp: readonly number[];
  readonly ca: string;
  readonly certificate: string;
  readonly key: string;
}

export interface Child<Ready> extends AsyncDisposable {
  readonly pid: number;
  /** The one line of JSON that it printed when it was ready. */
  readonly ready: Ready;
}

/** Starts one of the scripts beside this file, which prints a `Ready`, with `input` on stdin. */
export async function startScript<Ready>(
  script: string,
  args: readonly string[],
  input = "",
): Promise<Child<Ready>> {
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--no-prompt",
      "-A",
      "--v8-flags=--max-semi-space-size=2",
      "--config",
      fileURLToPath(new URL("../../deno.json", import.meta.url)),
      fileURLToPath(new URL(script, import.meta.url)),
      ...args,
    ],
    stdin: "piped",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(input));
  await writer.close();
  const reader = child.stdout.getReader();
  let text = "";
  while (!text.includes("\n")) {
    const { value, done } = await reader.read();
    if (done) throw new Error(`${script} ended before it was ready`);
    text += new TextDecoder().decode(value);
  }
  return {
    pid: child.pid,
    ready: JSON.parse(text),
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await reader.cancel();
      await child.status;
    },
  };
}
