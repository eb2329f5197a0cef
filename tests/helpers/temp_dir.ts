/** A directory of the test's own (0700), gone when the test ends. */

import { join } from "node:path";

export interface TempDir extends AsyncDisposable {
  readonly path: string;
  /** The path of something within it. */
  file(...parts: readonly string[]): string;
}

export async function tempDir(): Promise<TempDir> {
  const path = await Deno.makeTempDir({ prefix: "bastion_test_" });
  return {
    path,
    file: (...parts) => join(path, ...parts),
    async [Symbol.asyncDispose]() {
      await Deno.remove(path, { recursive: true });
    },
  };
}
