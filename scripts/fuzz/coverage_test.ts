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
  random.below(3);
  assert.equal(await coverage.look(true), true, "a look that remembers nothing changes nothing");
  random.below(3);
  assert.equal(await coverage.look(true), false);
  await coverage.pause();
  random.pick([1, 2]);
  await coverage.resume();
  assert.equal(await coverage.look(true), false, "nothing is seen in a pause");
  random.pick([1, 2]);
  assert.equal(await coverage.look(true), true);
  random.pick([1, 2]);
  assert.equal(await coverage.look(true), false);
  random.pick([undefined]);
  assert.equal(await coverage.look(true), true, "a branch of a function that has run");
  coverage.stop();
});
