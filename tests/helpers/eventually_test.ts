import assert from "node:assert/strict";
import { eventually } from "./eventually.ts";

Deno.test("eventually: asks until there is a value, through undefined, false and throws", async () => {
  const answers: (() => unknown)[] = [
    () => undefined,
    () => false,
    () => assert.equal(1, 2),
    () => 0,
  ];
  assert.equal(await eventually("a value", () => answers.shift()?.(), { every: 1 }), 0);
  assert.equal(answers.length, 0);
});

Deno.test("eventually: gives up, naming what was waited for and why", async () => {
  const refuse = () => Promise.reject(new Error("still no"));
  await assert.rejects(
    eventually("the door", refuse, { within: 5, every: 1 }),
    (error: Error) => /the door/.test(error.message) && /still no/.test(String(error.cause)),
  );
});
