import assert from "node:assert/strict";
import { algorithmsFor } from "./algorithms.ts";

const known = (type: string, revoked = false) => ({ type, key: "", revoked });

Deno.test("algorithmsFor: types that are known for the host are asked for first", () => {
  const order = (...keys: Parameters<typeof known>[]) =>
    algorithmsFor(keys.map((key) => known(...key))).serverHostKey;
  const usual = order();
  assert.ok(Array.isArray(usual));
  assert.equal(usual[0], "ssh-ed25519");
  assert.deepEqual(order(["ssh-ed25519"]), usual);
  const rsa = order(["ssh-rsa"]);
  assert.deepEqual(Array.isArray(rsa) && rsa.slice(0, 3), [
    "rsa-sha2-512",
    "rsa-sha2-256",
    "ssh-ed25519",
  ]);
  const ecdsa = order(["ecdsa-sha2-nistp384"]);
  assert.equal(Array.isArray(ecdsa) && ecdsa[0], "ecdsa-sha2-nistp384");
  assert.deepEqual(order(["ssh-rsa", true]), usual, "a revoked key is not asked for");
});

Deno.test("algorithmsFor: neither SHA-1 nor CBC", () => {
  const names = Object.values(algorithmsFor([])).flat();
  assert.ok(names.length > 20);
  assert.deepEqual(names.filter((name) => /sha1|cbc|md5|^ssh-rsa$|dss|arcfour/.test(name)), []);
});
