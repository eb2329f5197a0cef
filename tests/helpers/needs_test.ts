import assert from "node:assert/strict";
import { findProgram } from "./find_program.ts";
import { planTest } from "./needs.ts";

Deno.test("needs: with everything there, the test is as it was written", () => {
  const fn = () => {};
  const plan = planTest("a", fn, [], true);
  assert.deepEqual([plan.name, plan.fn, plan.ignore], ["a", fn, undefined]);
});

Deno.test("needs: what is missing skips, with the reason in the name", () => {
  const plan = planTest("a", () => {}, ["no rsync", "no nc"], false);
  assert.equal(plan.ignore, true);
  assert.equal(plan.name, "a (skipped: no rsync, no nc)");
});

Deno.test("needs: what is missing fails on CI", () => {
  const plan = planTest("a", () => {}, ["no rsync"], true);
  assert.equal(plan.ignore, undefined);
  assert.throws(() => plan.fn({} as Deno.TestContext), /no rsync/);
});

Deno.test("findProgram: finds a program, and no folder or nonsense", () => {
  assert.ok(findProgram(Deno.build.os === "windows" ? "cmd" : "sh"));
  assert.equal(findProgram("no-such-program-anywhere"), undefined);
});
