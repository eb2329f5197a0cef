import type { PluginContext } from "../../core/mod.ts";

/**
 * Where what lasts is kept; made for the user alone where it is missing.
 *
 * Threat: whoever else may write there puts a program of his own in the place of the one that ssh
 * asks for the password, or a host's key of his own.
 * @throws BastionError `ssh/state-directory-unsafe`, `file-failed`
 */
export async function openStateDirectory(
  { platform, error }: Pick<PluginContext, "platform" | "error">,
): Promise<string> {
  const { stateDirectory: path, hasFileModes } = platform;
  let info: Deno.FileInfo;
  try {
    await Deno.mkdir(path, { recursive: true, mode: 0o700 });
    info = await Deno.stat(path);
  } catch (cause) {
    const problem = cause instanceof Error ? cause.message : String(cause);
    throw error("file-failed", { file: path, action: "made", problem }, cause);
  }
  const problem = hasFileModes ? problemOf(info) : undefined;
  if (problem !== undefined) throw error("ssh/state-directory-unsafe", { path, problem });
  return path;
}

function problemOf({ mode, uid }: Deno.FileInfo): string | undefined {
  if (uid !== null && uid !== Deno.uid()) return "it is another user's";
  return mode !== null && (mode & 0o022) !== 0 ? "other users may write to it" : undefined;
}
