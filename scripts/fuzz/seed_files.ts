/** Inputs that are kept: tests/fixtures/fuzz/TARGET/, one file each, named by its hash. */

import { join } from "node:path";
import { projectRoot } from "../project_files.ts";

const FOLDER = join(projectRoot, "tests", "fixtures", "fuzz");

export async function readSeedFiles(target: string): Promise<Map<string, Uint8Array>> {
  const folder = join(FOLDER, target);
  const seeds = new Map<string, Uint8Array>();
  try {
    const names: string[] = [];
    for await (const { name, isFile } of Deno.readDir(folder)) if (isFile) names.push(name);
    for (const name of names.sort()) seeds.set(name, await Deno.readFile(join(folder, name)));
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  return seeds;
}

/** @returns the file's path */
export async function writeSeedFile(
  target: string,
  kind: "crash" | "hang" | "seed",
  input: Uint8Array,
): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", Uint8Array.from(input)));
  const folder = join(FOLDER, target);
  await Deno.mkdir(folder, { recursive: true });
  const path = join(folder, `${kind}-${digest.toHex().slice(0, 12)}`);
  await Deno.writeFile(path, input);
  return path;
}
