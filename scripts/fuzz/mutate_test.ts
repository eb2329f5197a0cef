import assert from "node:assert/strict";
import { mutate } from "./mutate.ts";
import { createRandom } from "./random.ts";

const options = {
  tokens: [new TextEncoder().encode("token")],
  maxLength: 40,
  other: new TextEncoder().encode("other"),
};

Deno.test("a seed repeats its changes, another makes others", () => {
  const run = (seed: number) => {
    const random = createRandom(seed);
    let input = new Uint8Array();
    return Array.from(
      { length: 50 },
      () => (input = mutate(input, random, options).slice()).join(),
    );
  };
  assert.deepEqual(run(1), run(1));
  assert.notDeepEqual(run(1), run(2));
});

Deno.test("changes keep to the limit, leave the input as it is, and grow and shrink it", () => {
  const random = createRandom(3);
  const input = new Uint8Array(20).fill(7);
  const lengths = new Set<number>();
  for (let i = 0; i < 2_000; i++) {
    const out = mutate(input, random, options);
    assert.ok(out.length <= options.maxLength);
    lengths.add(out.length);
  }
  assert.ok(input.every((byte) => byte === 7));
  assert.ok(Math.min(...lengths) < 20 && Math.max(...lengths) === 40);
});
