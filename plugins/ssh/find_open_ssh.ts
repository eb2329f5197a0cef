import type { OptionValues, PluginContext } from "../../core/mod.ts";

/**
 * This computer's ssh, by its full path; nothing where the client that is built in is to be used.
 * @param notice told where that is so for want of one
 * @throws BastionError `command-not-found`, `ssh/client-missing`, `ssh/client-twice`
 */
export async function findOpenSsh(
  { client, "ssh-path": asked }: OptionValues,
  ctx: Pick<PluginContext, "findProgram" | "platform" | "error">,
  notice: (text: string) => void,
): Promise<string | undefined> {
  if (client === "builtin") {
    if (asked !== undefined) throw ctx.error("ssh/client-twice", { path: String(asked) });
    return undefined;
  }
  const found = await ctx.findProgram(typeof asked === "string" ? asked : "ssh");
  if (found !== undefined) return found;
  if (typeof asked === "string") throw ctx.error("command-not-found", { program: asked });
  const places = ctx.platform.programDirectories.join(", ");
  if (client === "native") throw ctx.error("ssh/client-missing", { places });
  notice(
    `No ssh was found, neither on PATH nor in ${places}: the client that is built in is used.`,
  );
  return undefined;
}
