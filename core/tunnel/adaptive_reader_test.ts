import assert from "node:assert/strict";
import fc from "fast-check";
import { AdaptiveReader } from "./adaptive_reader.ts";
import { BufferPool } from "./buffer_pool.ts";

const KIB = 1024;

/** A source of counted bytes: each read gives as much as its entry says, at once or later. */
function source(script: readonly { readonly size: number; readonly later: boolean }[]) {
  const rest = [...script];
  let next = 0;
  let reading = false;
  let largest = 0;
  return {
    get given() {
      return next;
    },
    get largest() {
      return largest;
    },
    async read(into: Uint8Array): Promise<number | null> {
      assert.ok(!reading, "two reads at once");
      reading = true;
      largest = Math.max(largest, into.length);
      const entry = rest.shift();
      if (entry?.later) await new Promise((resolve) => setTimeout(resolve, 0));
      reading = false;
      if (!entry) return null;
      const size = Math.min(entry.size, into.length);
      for (let i = 0; i < size; i++) into[i] = next++ & 0xff;
      return size;
    },
  };
}

async function readAll(reader: AdaptiveReader): Promise<number[]> {
  const sizes: number[] = [];
  let expected = 0;
  for (let bytes = await reader.read(); bytes; bytes = await reader.read()) {
    sizes.push(bytes.length);
    for (const byte of bytes) assert.equal(byte, expected++ & 0xff);
  }
  return sizes;
}

Deno.test("reader: little comes into a small buffer, much into a large one, and back", async () => {
  const pool = new BufferPool(64 * KIB);
  const small = source([{ size: 10, later: false }, { size: 20, later: true }]);
  assert.deepEqual(await readAll(new AdaptiveReader(small, pool)), [10, 20]);
  assert.equal(small.largest, 2 * KIB);
  const large = source([
    { size: 2 * KIB, later: true },
    { size: 40 * KIB, later: true },
    { size: 10, later: true },
    { size: 5, later: true },
  ]);
  const reader = new AdaptiveReader(large, pool);
  assert.deepEqual(await readAll(reader), [2 * KIB, 40 * KIB, 10, 5]);
  assert.equal(large.largest, 64 * KIB);
});

Deno.test("reader: what is there is given together, what is not there is not waited for", async () => {
  const record = { size: 16 * KIB, later: false };
  const reader = new AdaptiveReader(
    source([{ size: 2 * KIB, later: false }, ...Array(5).fill(record), { ...record, later: true }]),
    new BufferPool(64 * KIB),
  );
  assert.deepEqual(await readAll(reader), [2 * KIB, 64 * KIB, 16 * KIB, 16 * KIB]);
});

Deno.test("reader: a buffer that is being read into is not lent to anybody else", async () => {
  const pool = new BufferPool(64 * KIB);
  const never = new Promise<number | null>(() => {});
  const sizes = [2 * KIB, 16 * KIB];
  const reader = new AdaptiveReader(
    {
      read(into) {
        const size = sizes.shift();
        if (size !== undefined) into.fill(7, 0, size);
        return size === undefined ? never : Promise.resolve(size);
      },
    },
    pool,
  );
  await reader.read();
  const held = (await reader.read())?.buffer;
  reader.release();
  assert.notEqual(pool.take().buffer, held);
});

Deno.test("reader: a failure behind what has come is told by the next read", async () => {
  const sizes = [2 * KIB, 16 * KIB];
  const reader = new AdaptiveReader({
    read() {
      const size = sizes.shift();
      return size === undefined ? Promise.reject(new Error("cut")) : Promise.resolve(size);
    },
  }, new BufferPool(64 * KIB));
  assert.equal((await reader.read())?.length, 2 * KIB);
  assert.equal((await reader.read())?.length, 16 * KIB);
  await assert.rejects(reader.read(), /cut/);
});

Deno.test("reader: whatever comes how, no byte is lost, doubled or out of order", async () => {
  const entry = fc.record({
    size: fc.oneof(fc.integer({ min: 1, max: 70_000 }), fc.constantFrom(1, 2048, 8192, 16384)),
    later: fc.boolean(),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(entry, { maxLength: 20 }), async (script) => {
      const from = source(script);
      const sizes = await readAll(new AdaptiveReader(from, new BufferPool(64 * KIB)));
      assert.equal(sizes.reduce((sum, size) => sum + size, 0), from.given);
    }),
    { numRuns: 200 },
  );
});
