import { join } from "node:path";

/** What a checkout holds that is not source: history, and what was made or fetched. */
const SKIPPED = new Set([".git", "node_modules", "dist"]);

/** Copies the files below `from` into the folder `to`, which exists. */
export async function copyTree(from: string, to: string): Promise<void> {
  for await (const { name, isDirectory, isFile } of Deno.readDir(from)) {
    if (SKIPPED.has(name)) continue;
    if (isFile) await Deno.copyFile(join(from, name), join(to, name));
    if (!isDirectory) continue;
    await Deno.mkdir(join(to, name));
    await copyTree(join(from, name), join(to, name));
  }
}
