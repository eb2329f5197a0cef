/** Finds a program on PATH. */

import type { Platform } from "./platform.ts";

/**
 * Full path of the program `name`, or undefined where neither PATH nor `places` has it. A path is
 * taken as it is.
 *
 * Threat: Windows would look into the current directory first, where anybody may have put an
 * `az.cmd`; relative entries of PATH are passed over for the same reason.
 */
export async function findProgram(
  name: string,
  platform: Platform,
  places: readonly string[] = [],
): Promise<string | undefined> {
  const files = platform.programFiles(name);
  if (/[\\/]/.test(name)) return await firstFile(files, platform);
  const directories = (platform.env("PATH") ?? "").split(platform.pathListSeparator)
    .map((entry) => entry.replace(/^"|"$/g, ""))
    .filter((entry) => /^(\/|[a-z]:[\\/]|\\\\)/i.test(entry));
  return await firstFile(
    [...directories, ...places].flatMap((directory) => files.map((file) => `${directory}/${file}`)),
    platform,
  );
}

async function firstFile(
  paths: readonly string[],
  platform: Platform,
): Promise<string | undefined> {
  for (const path of paths) {
    try {
      const { isFile, mode } = await Deno.stat(path);
      const runs = !platform.hasFileModes || mode === null || (mode & 0o111) !== 0;
      if (isFile && runs) return path;
    } catch {
      // Not there, or not for us: PATH has more.
    }
  }
  return undefined;
}
