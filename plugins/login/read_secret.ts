/** A secret from stdin. */

import type { CommandContext } from "../../core/mod.ts";

/** A token of Entra's or of a CI system is shorter by far, in bytes. */
const MAX_SIZE = 64 * 1024;

/** The whole of stdin, without the line end that `echo` adds. */
export async function readSecret(option: string, ctx: CommandContext): Promise<string> {
  const refuse = (problem: string) =>
    ctx.error("usage", { problem, remedy: `Pipe it in, as in: bastion login … ${option} < FILE` });
  // What is typed would be shown.
  if (Deno.stdin.isTerminal()) throw refuse(`${option} reads stdin, which is the terminal.`);
  const chunks: Uint8Array[] = [];
  let size = 0;
  const buffer = new Uint8Array(16 * 1024);
  for (;;) {
    const read = await unlessAborted(Deno.stdin.read(buffer), ctx.signal);
    if (read === null) break;
    size += read;
    if (size > MAX_SIZE) throw refuse(`What came on stdin is longer than ${MAX_SIZE} bytes.`);
    chunks.push(buffer.slice(0, read));
  }
  const text = new TextDecoder().decode(await new Blob(chunks as BlobPart[]).bytes())
    .replace(/\r?\n$/, "");
  if (text === "") throw refuse(`Nothing came on stdin for ${option}.`);
  return text;
}

/** A read cannot be called back: whoever may never write is left, and the program ends. */
function unlessAborted<Value>(work: Promise<Value>, signal: AbortSignal): Promise<Value> {
  signal.throwIfAborted();
  const { promise, reject } = Promise.withResolvers<never>();
  const stop = () => reject(signal.reason);
  signal.addEventListener("abort", stop, { once: true });
  return Promise.race([work, promise]).finally(() => signal.removeEventListener("abort", stop));
}
