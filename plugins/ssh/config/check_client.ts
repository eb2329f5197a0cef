import type { CommandContext } from "../../../core/mod.ts";

/** Bytes; its answer is one short line. */
const MAX_ANSWER = 1024;

/**
 * An older ssh would stop at `KnownHostsCommand`, whatever host it is asked for. Without one that
 * can be asked, the file is taken to be for another.
 * @throws BastionError `ssh/config-client-old`
 */
export async function checkClient(
  ctx: Pick<CommandContext, "findProgram" | "start" | "signal" | "error">,
): Promise<void> {
  const program = await ctx.findProgram("ssh");
  if (program === undefined) return;
  await using ssh = ctx.start([program, "-V"], { signal: ctx.signal });
  const answer = new Uint8Array(MAX_ANSWER);
  let size = 0;
  while (size < answer.length) {
    const read = await ssh.stderr.read(answer.subarray(size));
    if (read === null || read === 0) break;
    size += read;
  }
  const said = new TextDecoder().decode(answer.subarray(0, size));
  if (isOld(said)) throw ctx.error("ssh/config-client-old", { version: said.trim().slice(0, 80) });
}

/** Before 8.5. @param said by `ssh -V` */
export function isOld(said: string): boolean {
  const [, major, minor] = /^OpenSSH_(?:for_Windows_)?(\d+)\.(\d+)/.exec(said) ?? [];
  return major !== undefined && Number(major) * 100 + Number(minor) < 805;
}
