import assert from "node:assert/strict";
import { Secret } from "../secret.ts";
import { tokenFacts } from "./token_facts.ts";

const tokenOf = (claims: unknown) =>
  new Secret(`e30.${btoa(JSON.stringify(claims)).replace(/=+$/, "")}.c2ln`);
const NOTHING = { groups: 0, overage: false };
const GUID = "0E0E0E0E-0000-4000-8000-000000000001";

const cases: readonly [what: string, claims: unknown, facts: unknown][] = [
  ["a user", { upn: "ada@home.test", tid: GUID, oid: GUID }, {
    ...NOTHING,
    username: "ada@home.test",
    tenant: GUID.toLowerCase(),
    objectId: GUID,
  }],
  ["an application", { appid: "app" }, { ...NOTHING, username: "app" }],
  ["groups that are named", { groups: ["a", "b"] }, { groups: 2, overage: false }],
  ["groups that are too many", { _claim_names: { groups: "src1" } }, { groups: 0, overage: true }],
  ["groups that are too many, implicit flow", { hasgroups: true }, { groups: 0, overage: true }],
  ["an object id that is none", { oid: '"; rm -rf /' }, NOTHING],
  ["claims of odd types", { upn: 1, tid: {}, groups: "x", _claim_names: [] }, NOTHING],
  ["no object", [], NOTHING],
];

for (const [what, claims, facts] of cases) {
  Deno.test(`what a token says of itself: ${what}`, () => {
    assert.deepEqual(tokenFacts(tokenOf(claims)), facts);
  });
}

Deno.test("a token that is no JWT says nothing", () => {
  for (const text of ["opaque-token", "a.b", "a.%%%.c", "..", "a.e30.c"]) {
    assert.deepEqual(tokenFacts(new Secret(text)), NOTHING);
  }
});
