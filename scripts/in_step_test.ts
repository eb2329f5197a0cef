import assert from "node:assert/strict";
import { findStale, writeGenerated } from "./in_step.ts";

Deno.test("generated files: stale where missing or other, in step once written", async () => {
  const root = await Deno.makeTempDir();
  try {
    const files = { "docs/a.md": "a\n", "docs/b/c.md": "c\n" };
    assert.deepEqual(await findStale(root, files), ["docs/a.md", "docs/b/c.md"]);
    assert.deepEqual(await writeGenerated(root, files), ["docs/a.md", "docs/b/c.md"]);
    assert.deepEqual(await findStale(root, files), []);
    await Deno.writeTextFile(`${root}/docs/a.md`, "a\r\n");
    assert.deepEqual(await findStale(root, files), []);
    await Deno.writeTextFile(`${root}/docs/a.md`, "b\n");
    assert.deepEqual(await writeGenerated(root, files), ["docs/a.md"]);
  } finally {
    await Deno.remove(root, { recursive: true });
  }
});
