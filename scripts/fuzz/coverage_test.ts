import assert from "node:assert/strict";
import { startCoverage } from "./coverage.ts";
import { createRandom } from "./random.ts";

Deno.test("coverage tells code that has not run before from code that has", async () => {
  const coverage = await startCoverage((url) => url.endsWith("/scripts/fuzz/random.ts"));
  await coverage.look(true);
  const random = createRandom(1);
  assert.equal(await coverage.look(true), true);
  random.below(3);
  assert.equal(await coverage.look(false), true);
  await coverage.restart();
  random.below(3);
  assert.equal(await coverage.look(true), true, "a look that remembers nothing changes nothing");
  random.below(3);
  assert.equal(await coverage.look(true), false);
  random.pick([1, 2]);
  assert.equal(await coverage.look(true), true);
  coverage.stop();
});
