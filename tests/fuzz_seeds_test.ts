/**
 * Every input that fuzzing has kept (tests/fixtures/fuzz: crashes that were mended, and what reached
 * code that nothing else did), tried again. More are found by `deno task fuzz --save`.
 */

import assert from "node:assert/strict";
import { readSeedFiles } from "../scripts/fuzz/seed_files.ts";
import { fuzzTargets } from "../scripts/fuzz/targets.ts";

for (const target of fuzzTargets) {
  Deno.test(`fuzz seeds: ${target.name}`, async (t) => {
    const encoder = new TextEncoder();
    for (const seed of target.seeds) {
      await target.run(typeof seed === "string" ? encoder.encode(seed) : seed.slice());
    }
    const kept = await readSeedFiles(target.name);
    assert.ok(kept.size > 0, "nothing is kept");
    for (const [name, input] of kept) {
      await t.step(name, async () => {
        await target.run(input);
      });
    }
  });
}
