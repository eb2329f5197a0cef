import assert from "node:assert/strict";
import { exitCodeOfKind, exitCodeOfSignal, exitCodes } from "./exit_codes.ts";

Deno.test("every kind of failure has a code of its own, and 0 is none of them", () => {
  const codes = exitCodes.map(({ code }) => code);
  assert.equal(new Set(codes).size, codes.length);
  const kinds = exitCodes.flatMap(({ code, kind }) => kind ? [[kind, code] as const] : []);
  assert.deepEqual(kinds.map(([, code]) => code), [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13]);
  for (const [kind, code] of kinds) assert.equal(exitCodeOfKind(kind), code);
});

Deno.test("ssh's own code is none of a failure's or a signal's", () => {
  assert.deepEqual(exitCodes.filter(({ code }) => code === 255).map(({ kind }) => kind), [
    undefined,
  ]);
});

Deno.test("a signal's code is 128 and its number", () => {
  assert.deepEqual(
    ["SIGHUP", "SIGINT", "SIGPIPE", "SIGTERM", "SIGBREAK"].map(exitCodeOfSignal),
    [129, 130, 141, 143, 149],
  );
});
