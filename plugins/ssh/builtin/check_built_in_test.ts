import assert from "node:assert/strict";
import type { Behind } from "../find_goal.ts";
import { checkBuiltIn } from "./check_built_in.ts";

const ctx = {
  error: (code: string, params: Readonly<Record<string, string | number>> = {}) =>
    new Error(`${code} ${params["option"]}`),
};

Deno.test("checkBuiltIn: what only OpenSSH can do is named as the user knows it", () => {
  const check = (options: Record<string, number | string | string[]>, rest: string[] = []) => () =>
    checkBuiltIn({}, { options, rest }, ctx);
  check({ "local-forward": ["1:h:2"], "tty": "x", "ssh-option": [], "client": "builtin" })();
  assert.throws(check({ port: 0 }), /ssh\/builtin-cannot --port/);
  assert.throws(check({ "ssh-option": ["A=b"] }), /builtin-cannot -o/);
  assert.throws(check({ "remote-forward": ["x"] }), /builtin-cannot -R/);
  assert.throws(check({ "dynamic-forward": ["1"] }), /builtin-cannot -D/);
  assert.throws(check({}, ["-v"]), /words behind --/);
  assert.throws(
    () => checkBuiltIn({ behind: {} as Behind }, { options: {}, rest: [] }, ctx),
    /builtin-cannot -J/,
  );
});
