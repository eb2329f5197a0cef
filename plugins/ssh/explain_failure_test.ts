import assert from "node:assert/strict";
import { explainFailure } from "./explain_failure.ts";

const facts = {
  target: "app/web1:22",
  user: "u",
  authType: "password",
  file: "/f",
  keyAlias: "/vm",
};

Deno.test("explainFailure: OpenSSH's words, and what they come to", () => {
  const code = (said: string, authType = "password") =>
    explainFailure(said, { ...facts, authType })?.code;
  assert.equal(
    code(
      "@    WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!     @\r\nHost key verification failed.\r\n",
    ),
    "ssh/host-key-changed",
  );
  assert.equal(
    code("No ED25519 host key is known for /vm and you have requested strict checking.\r\n"),
    "ssh/host-key-unknown",
  );
  assert.equal(
    code("u@web1: Permission denied (publickey,password).\r\n"),
    "ssh/permission-denied",
  );
  assert.equal(
    code("u@web1: Permission denied (publickey).\r\n", "aad"),
    "ssh/certificate-refused",
  );
  // Without --auth-type it was ssh's own choice, and ssh has said so.
  assert.equal(code("u@web1: Permission denied (publickey).\r\n", ""), undefined);
  assert.equal(code("cat: /x: Permission denied\n"), undefined);
  assert.equal(code("Connection closed by UNKNOWN port 65535\r\n"), undefined);
});
