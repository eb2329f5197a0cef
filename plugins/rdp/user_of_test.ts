import assert from "node:assert/strict";
import { userOf } from "./user_of.ts";

const doors = { error: (code: string) => Object.assign(new Error(code), { code }) };
const of = (username?: string, user?: string) =>
  userOf({ options: username === undefined ? {} : { username }, user }, doors);

Deno.test("userOf: by option, by USER@, or not at all", () => {
  assert.equal(of(), undefined);
  assert.equal(of("ann"), "ann");
  assert.equal(of(undefined, "CORP\\jürgen"), "CORP\\jürgen");
  assert.equal(of("ann@corp.example", "ann@corp.example"), "ann@corp.example");
  assert.throws(() => of("ann", "bob"), { code: "rdp/user-twice" });
});

for (const name of ["ann\ndrivestoredirect:s:*", "ann\r", "a\u2028b", "a\0", "-x"]) {
  Deno.test(`userOf: ${JSON.stringify(name)} is nobody`, () => {
    assert.throws(() => of(name), { code: "rdp/user-odd" });
    assert.throws(() => of(undefined, name), { code: "rdp/user-odd" });
  });
}
