import assert from "node:assert/strict";
import { readSource } from "../tests/helpers/byte_source.ts";
import { chunkedSource } from "./chunked_source.ts";

Deno.test("chunkedSource: every byte once and in order, whatever the sizes; empty chunks are no end", async () => {
  for (const size of [1, 2, 3, 100]) {
    const chunks = [[1, 2, 3], [], [4], [5, 6]].map((bytes) => Uint8Array.from(bytes));
    const source = chunkedSource(() => Promise.resolve(chunks.shift() ?? null));
    assert.equal(await source.read(new Uint8Array()), 0, "there is no room, and nothing is taken");
    assert.deepEqual([...await readSource(source, size)], [1, 2, 3, 4, 5, 6]);
    assert.equal(await source.read(new Uint8Array(size)), null, "the end stays");
  }
});

Deno.test("chunkedSource: a failure is the reader's", async () => {
  const source = chunkedSource(() => Promise.reject(new Error("lost")));
  await assert.rejects(source.read(new Uint8Array(1)), { message: "lost" });
});
