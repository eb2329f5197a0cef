/** `--password-stdin`: the first line of stdin; what follows it is for the remote command. */

import type { CommandContext } from "../../core/mod.ts";

/** No password is longer, in bytes. */
const MAX_SIZE = 4096;

export async function readPassword(
  stdin: Pick<typeof Deno.stdin, "read" | "isTerminal">,
  ctx: Pick<CommandContext, "error">,
): Promise<string> {
  const refuse = (problem: string) => ctx.error("ssh/password-stdin-empty", { problem });
  // What is typed would be shown.
  if (stdin.isTerminal()) throw refuse("it is the terminal");
  const bytes: number[] = [];
  // One at a time: what were read in excess would be lost to the remote command.
  const one = new Uint8Array(1);
  for (;;) {
    const read = await stdin.read(one);
    const [byte] = one;
    if (read === null || byte === undefined || byte === 0x0a) break;
    bytes.push(byte);
    if (bytes.length > MAX_SIZE) throw refuse(`its first line is longer than ${MAX_SIZE} bytes`);
  }
  const password = new TextDecoder().decode(new Uint8Array(bytes)).replace(/\r$/, "");
  if (password === "") throw refuse("its first line is empty");
  return password;
}
