/** Generated files under docs/reference: written by `--update`, or compared with what is committed. */

import { dirname, join } from "node:path";

/** The text of each file, by path from the root. */
export type GeneratedFiles = Readonly<Record<string, string>>;

/** Writes what differs, and says which those are. */
export async function writeGenerated(root: string, files: GeneratedFiles): Promise<string[]> {
  const stale = await findStale(root, files);
  for (const path of stale) {
    await Deno.mkdir(dirname(join(root, path)), { recursive: true });
    await Deno.writeTextFile(join(root, path), files[path] ?? "");
  }
  return stale;
}

/** The files whose committed text is another, or missing. */
export async function findStale(root: string, files: GeneratedFiles): Promise<string[]> {
  const stale: string[] = [];
  for (const [path, text] of Object.entries(files)) {
    if (await read(join(root, path)) !== text) stale.push(path);
  }
  return stale;
}

async function read(path: string): Promise<string | undefined> {
  try {
    // Git on Windows may have checked it out with CRLF.
    return (await Deno.readTextFile(path)).replaceAll("\r\n", "\n");
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}
