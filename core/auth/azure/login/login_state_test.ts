import assert from "node:assert/strict";
import { redact } from "../../../secret.ts";
import { guarded, type LoginState, nothing, readState, writeState } from "./login_state.ts";

const base = { authority: "https://login.test", tenant: "t" };
const principal = { ...base, kind: "service-principal", clientId: "c" } as const;

const state: LoginState = {
  msal: JSON.stringify({ RefreshToken: { k: { secret: "0.refresh-token-of-ada" } } }),
  signIns: [
    { ...base, id: "1", kind: "user", username: "ada@x", clientId: "c", homeAccountId: "h" },
    { ...principal, id: "2", proof: guarded({ secret: "a-client-secret" }) },
    { ...principal, id: "3", proof: guarded({ certificateFile: "/c.pem" }) },
    { ...principal, id: "4", proof: guarded({ federatedToken: "a-federated-token" }) },
    { ...principal, id: "5", proof: guarded({ federatedTokenFile: "/token" }) },
    { id: "6", authority: "https://login.test", kind: "managed-identity" },
    { id: "7", authority: "https://login.test", kind: "managed-identity", clientId: "m" },
  ],
  subscriptions: { "https://login.test": "s" },
};

Deno.test("writeState, readState: what is written is read again, and known for secret", () => {
  const text = writeState(state);
  const read = readState(text);
  assert.ok(read);
  assert.deepEqual(JSON.parse(writeState(read)), JSON.parse(text));
  assert.deepEqual(read.signIns[0], state.signIns[0]);
  for (const secret of ["0.refresh-token-of-ada", "a-client-secret", "a-federated-token"]) {
    assert.ok(text.includes(secret));
    assert.equal(redact(`<${secret}>`), "<[redacted]>");
  }
  assert.deepEqual(readState(writeState(nothing)), nothing);
});

Deno.test("readState: what is not ours is nothing", () => {
  const good = JSON.parse(writeState(state));
  const bad: unknown[] = [
    "x",
    [],
    {},
    { ...good, version: 2 },
    { ...good, msal: 1 },
    { ...good, msal: "x" },
    { ...good, msal: "[]" },
    { ...good, signIns: {} },
    { ...good, signIns: [null] },
    { ...good, signIns: [{ ...good.signIns[0], homeAccountId: 7 }] },
    { ...good, signIns: [{ ...good.signIns[1], proof: {} }] },
    { ...good, signIns: [{ ...good.signIns[1], tenant: 1 }] },
    { ...good, signIns: [{ ...good.signIns[1], kind: "other" }] },
    { ...good, subscriptions: [] },
  ];
  for (const document of bad) {
    assert.equal(readState(JSON.stringify(document)), undefined, JSON.stringify(document));
  }
  assert.equal(readState("{"), undefined);
  const odd = readState(JSON.stringify({ ...good, subscriptions: { a: 1, b: "s" } }));
  assert.deepEqual(odd?.subscriptions, { b: "s" });
});
