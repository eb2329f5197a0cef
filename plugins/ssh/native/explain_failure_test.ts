import assert from "node:assert/strict";
import { explainFailure } from "./explain_failure.ts";

const facts = {
  target: "app/web1:22",
  user: "u",
  authType: "password",
  file: "/f",
  keyAlias: "/vm",
  hostName: "web1.1.bastion",
};

Deno.test("explainFailure: OpenSSH's words, and what they come to", () => {
  const code = (said: string, authType = "password") =>
    explainFailure(said, { ...facts, authType, seconds: 1 })?.code;
  assert.equal(
    code(
      "@    WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!     @\r\n" +
        "Host key for /vm has changed and you have requested strict checking.\r\n",
    ),
    "ssh/host-key-changed",
  );
  assert.equal(
    code("ED25519 host key for /vm has changed and you have requested strict checking.\r\n"),
    "ssh/host-key-changed",
    "before OpenSSH 8",
  );
  assert.equal(
    code("No ED25519 host key is known for /vm and you have requested strict checking.\r\n"),
    "ssh/host-key-unknown",
  );
  assert.equal(
    code("u@web1.1.bastion: Permission denied (publickey,password).\r\n"),
    "ssh/permission-denied",
  );
  assert.equal(
    code("u@web1.1.bastion: Permission denied (publickey).\r\n", "aad"),
    "ssh/certificate-refused",
  );
  // Without --auth-type it was ssh's own choice, and ssh has said so.
  assert.equal(code("u@web1.1.bastion: Permission denied (publickey).\r\n", ""), undefined);
  assert.equal(code("cat: /x: Permission denied\n"), undefined);
  assert.equal(code("Connection closed by UNKNOWN port 65535\r\n"), undefined);
});

Deno.test("explainFailure: a certificate that has ended is no missing role", () => {
  const said = "u@web1.1.bastion: Permission denied (publickey).\r\n";
  const ended = "2026-01-01T00:00:00.000Z";
  assert.deepEqual(explainFailure(said, { ...facts, authType: "aad", ended }), {
    code: "ssh/certificate-ended",
    params: { target: "app/web1:22", user: "u", ended },
  });
});

Deno.test("explainFailure: a port that says nothing", () => {
  const said = "Connection timed out during banner exchange\r\n" +
    "Connection to UNKNOWN port 65535 timed out\r\n";
  assert.deepEqual(explainFailure(said, { ...facts, seconds: 60 }), {
    code: "target-silent",
    params: { target: "app/web1:22", seconds: 60 },
  });
  // Behind another VM it may be that one which is silent, and that was explained already.
  assert.equal(explainFailure(said, facts), undefined);
});

Deno.test("explainFailure: a session that was cut, unless our proxy has said so", () => {
  for (
    const problem of [
      "client_loop: send disconnect: Broken pipe",
      "Connection to web1.1.bastion closed by remote host.",
      "Timeout, server web1.1.bastion not responding.",
    ]
  ) {
    const said = `far away\r\n${problem}\r\n`;
    assert.deepEqual(explainFailure(said, { ...facts, seconds: 60 }), {
      code: "ssh/connection-lost",
      params: { target: "app/web1:22", problem },
    });
    const known = `bastion: The connection to Azure Bastion was cut.\n${said}`;
    assert.equal(explainFailure(known, { ...facts, seconds: 60 }), undefined);
    assert.equal(explainFailure(said, facts), undefined, "behind another VM");
  }
});

Deno.test("explainFailure: what the VM in between has said is not the last host's", () => {
  for (
    const said of [
      "WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!\r\n" +
      "Host key for /hub has changed and you have requested strict checking.\r\n",
      "No ED25519 host key is known for /hub and you have requested strict checking.\r\n",
      "u@hub.2.bastion: Permission denied (password).\r\n",
    ]
  ) {
    assert.equal(explainFailure(said, facts), undefined, said);
  }
  // With --port it is an address.
  const said = "u@x@127.0.0.1: Permission denied (password).\r\n";
  assert.equal(explainFailure(said, facts)?.code, "ssh/permission-denied");
  const long = `/${"x".repeat(300)}`;
  const cut = `Host key for ${
    long.slice(0, 200)
  } has changed and you have requested strict checking.`;
  const known = { ...facts, keyAlias: long, seconds: 1 };
  assert.equal(explainFailure(cut, known)?.code, "ssh/host-key-changed");
});

Deno.test("explainFailure: on the word of the VM in between no key is to be removed", () => {
  const forged = "Received disconnect from UNKNOWN port 65535:2: x\r\n" +
    "Host key for /vm has changed and you have requested strict checking.\r\n";
  assert.deepEqual(explainFailure(forged, facts), {
    code: "ssh/host-key-doubtful",
    params: { target: "app/web1:22", keyAlias: "/vm", file: "/f" },
  });
  const within =
    "Received disconnect from UNKNOWN port 65535:2: Host key for /vm has changed and " +
    "you have requested strict checking.\r\n";
  assert.equal(explainFailure(within, { ...facts, seconds: 1 }), undefined);
});
