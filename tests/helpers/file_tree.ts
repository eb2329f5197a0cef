/** Folders with files to move, and what tells whether they have arrived. */

import { createHash } from "node:crypto";
import { dirname, join } from "node:path";

/** Fresh random bytes: what is compressed, cached or repeated on the way would show. */
export function randomBytes(size: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(size);
  // So much at once is the most that the system gives.
  for (let at = 0; at < size; at += 65536) crypto.getRandomValues(bytes.subarray(at, at + 65536));
  return bytes;
}

export function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

export async function sha256OfFile(path: string): Promise<string> {
  return sha256(await Deno.readFile(path));
}

/** Writes `bytes` to `path`, whose folders are made. */
export async function writeDeep(path: string, bytes: Uint8Array | string): Promise<void> {
  await Deno.mkdir(dirname(path), { recursive: true });
  await Deno.writeFile(path, typeof bytes === "string" ? new TextEncoder().encode(bytes) : bytes);
}

/** Every file and link beneath `root`: path → mode and hash, or where a link points. */
export async function describeTree(root: string): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  async function visit(folder: string): Promise<void> {
    for await (const { name, isDirectory, isSymlink } of Deno.readDir(join(root, folder))) {
      const path = join(folder, name);
      if (isSymlink) found[path] = `→ ${await Deno.readLink(join(root, path))}`;
      else if (isDirectory) await visit(path);
      else {
        const { mode } = await Deno.stat(join(root, path));
        found[path] = `${mode?.toString(8)} ${await sha256OfFile(join(root, path))}`;
      }
    }
  }
  await visit("");
  return Object.fromEntries(Object.entries(found).sort());
}
