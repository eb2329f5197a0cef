/** Keeps what a client names within one directory. */

import { lstat, realpath } from "node:fs/promises";
import { join, posix, sep } from "node:path";

/** The client asked for what is not its own; SFTP answers "permission denied". */
export class OutsideError extends Error {
  override readonly name = "OutsideError";
}

/** The client's path in normal form, from `/`; `..` ends at the root, as everywhere. */
export function normalPath(path: string): string {
  return posix.resolve("/", path);
}

/**
 * Where a client's path really is. Its directory must exist; the last name need not.
 *
 * Threat: a symbolic link within the root, put there by a command or an archive, that leads out.
 * @param followLast whether the last name, too, is followed if it is a link
 * @throws OutsideError; Node's errors
 */
export async function confinedPath(
  root: string,
  path: string,
  followLast: boolean,
): Promise<string> {
  const normal = normalPath(path);
  // Separators and drives of Windows, and what ends a C string.
  if (/[\0]/.test(normal) || (sep === "\\" && /[\\:]/.test(normal))) throw new OutsideError();
  const realRoot = await realpath(root);
  if (normal === "/") return realRoot;
  const directory = await realpath(join(realRoot, posix.dirname(normal)));
  requireWithin(realRoot, directory);
  const file = join(directory, posix.basename(normal));
  if (!followLast || !await isLink(file)) return file;
  const target = await realpath(file);
  requireWithin(realRoot, target);
  return target;
}

function requireWithin(root: string, path: string): void {
  if (path !== root && !path.startsWith(root + sep)) throw new OutsideError();
}

async function isLink(file: string): Promise<boolean> {
  try {
    return (await lstat(file)).isSymbolicLink();
  } catch {
    return false;
  }
}
