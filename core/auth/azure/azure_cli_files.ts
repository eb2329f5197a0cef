/** The Azure CLI's files, which are read only. */

import { join } from "node:path";
import type { Platform } from "../../platform.ts";

/** A larger file is not one of the CLI's. */
const MAX_SIZE = 16 * 1024 * 1024;

/** Where it keeps them: AZURE_CONFIG_DIR, else `.azure` in the user's home. */
export function azureCliDirectory(platform: Pick<Platform, "env" | "home">): string {
  return platform.env("AZURE_CONFIG_DIR") || join(platform.home, ".azure");
}

/** A file's text without a byte order mark; undefined where it is unfit. */
export async function readAzureCliFile(file: string): Promise<string | undefined> {
  try {
    const { isFile, size } = await Deno.stat(file);
    if (!isFile || size > MAX_SIZE) return undefined;
    return (await Deno.readTextFile(file)).replace(/^\uFEFF/, "");
  } catch {
    return undefined;
  }
}
