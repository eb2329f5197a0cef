/** A directory that only its owner can look into. */

import { bastionError, messageOf } from "./errors.ts";
import type { Platform } from "./platform.ts";

/**
 * Makes `path` (0700) where it is missing, and refuses one that other users can enter: what is
 * kept there lets whoever reads it act as the user.
 * @throws BastionError `private-directory-unsafe`, `file-failed`
 */
export async function ensurePrivateDirectory(path: string, platform: Platform): Promise<void> {
  let info: Deno.FileInfo;
  try {
    await Deno.mkdir(path, { recursive: true, mode: 0o700 });
    // Not followed: a link could lead to where somebody else may read.
    info = await Deno.lstat(path);
  } catch (error) {
    const problem = messageOf(error);
    throw bastionError("file-failed", { file: path, action: "made", problem }, error);
  }
  const unsafe = (problem: string, remedy = "Move it away.") =>
    bastionError("private-directory-unsafe", { path, problem, remedy });
  if (!info.isDirectory) throw unsafe("it is not a directory");
  if (!platform.hasFileModes) return;
  if (info.mode !== null && (info.mode & 0o077) !== 0) {
    throw unsafe(
      `its mode is ${(info.mode & 0o777).toString(8)}`,
      `Run: ${platform.commandLine(["chmod", "700", path])}`,
    );
  }
  const uid = Deno.uid();
  if (uid !== null && info.uid !== null && info.uid !== uid) throw unsafe("it is another user's");
}
