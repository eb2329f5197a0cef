import assert from "node:assert/strict";
import { Secret } from "../../../secret.ts";
import { claimsOf } from "./claims_of.ts";

function jwt(claims: unknown): Secret {
  const payload = new TextEncoder().encode(JSON.stringify(claims));
  return new Secret(`h.${payload.toBase64({ alphabet: "base64url", omitPadding: true })}.s`);
}

Deno.test("claimsOf: whom a token names", () => {
  const cases: [claims: unknown, expected: unknown][] = [
    [{ upn: "ada@x", appid: "c", tid: "t" }, { username: "ada@x", tenant: "t" }],
    [{ preferred_username: "bob@x" }, { username: "bob@x" }],
    [{ appid: "0f3c", tid: "t" }, { username: "0f3c", tenant: "t" }],
    [{ azp: "0f3d" }, { username: "0f3d" }],
    [{ upn: "a\u001b[2Jb" }, { username: "a\\u001b[2Jb" }],
    [{ upn: 7, tid: {} }, {}],
    [[], {}],
    ["text", {}],
  ];
  for (const [claims, expected] of cases) assert.deepEqual(claimsOf(jwt(claims)), expected);
});

Deno.test("claimsOf: what is no token says nothing", () => {
  for (const text of ["", "opaque", "a.b.c", "a.!!.c", "..."]) {
    assert.deepEqual(claimsOf(new Secret(text)), {}, text);
  }
});
