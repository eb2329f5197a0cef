import assert from "node:assert/strict";
import { judgeHostKey } from "./judge_host_key.ts";

Deno.test("judgeHostKey: as OpenSSH does", () => {
  const ed = { type: "ssh-ed25519", key: "AAAA" };
  const known = (type: string, key: string, revoked = false) => ({ type, key, revoked });
  const [same, other, rsa] = [
    known("ssh-ed25519", "AAAA"),
    known("ssh-ed25519", "BBBB"),
    known("ssh-rsa", "CCCC"),
  ];
  assert.equal(judgeHostKey([], ed), "new");
  assert.equal(judgeHostKey([same], ed), "known");
  assert.equal(judgeHostKey([rsa, same], ed), "known");
  assert.equal(judgeHostKey([other], ed), "changed");
  assert.equal(judgeHostKey([rsa], ed), "changed");
  assert.equal(judgeHostKey([same, { ...same, revoked: true }], ed), "revoked");
  assert.equal(judgeHostKey([{ ...other, revoked: true }], ed), "new");
});
