/** The project's own files, by path from its root, with `/` between the parts on every system. */

import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** Absolute path of the project's root. */
export const projectRoot = fileURLToPath(new URL("..", import.meta.url));

/** Folders with source of ours; fixtures may be wrong on purpose. */
const ROOTS = ["core", "plugins", "cli", "tests", "scripts"];
const SKIPPED = new Set(["node_modules", "fixtures"]);

/** Every TypeScript file of ours, sorted. */
export function sourceFiles(root = projectRoot): string[] {
  const found: string[] = exists(join(root, "mod.ts")) ? ["mod.ts"] : [];
  const visit = (folder: string) => {
    for (const entry of Deno.readDirSync(join(root, folder))) {
      const path = `${folder}/${entry.name}`;
      if (entry.isDirectory && !SKIPPED.has(entry.name)) visit(path);
      else if (entry.isFile && entry.name.endsWith(".ts")) found.push(path);
    }
  };
  for (const folder of ROOTS) if (exists(join(root, folder))) visit(folder);
  return found.sort();
}

export function isTest(file: string): boolean {
  return file.startsWith("tests/") || file.endsWith("_test.ts");
}

function exists(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
