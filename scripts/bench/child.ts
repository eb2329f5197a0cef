/** Processes of the benchmark: started, told where to go, ended. */

import { fileURLToPath } from "node:url";

export interface Child extends AsyncDisposable {
  readonly pid: number;
  /** The one line of JSON that it printed when it was ready. */
  // deno-lint-ignore no-explicit-any -- each of our own scripts prints a shape of its own
  readonly ready: any;
}

/** Starts one of the scripts beside this file, with `input` on stdin. */
export async function startScript(
  script: string,
  args: readonly string[],
  input = "",
): Promise<Child> {
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--no-prompt",
      "-A",
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
