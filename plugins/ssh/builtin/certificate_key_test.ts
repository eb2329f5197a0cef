import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { createPublicKey, generateKeyPairSync, type KeyObject, verify } from "node:crypto";
import type { Duplex } from "node:stream";
// @ts-types="@types/ssh2"
import ssh2 from "ssh2";
import project from "../../../deno.json" with { type: "json" };
import { createInMemoryVm } from "../../../tests/helpers/in_memory_vm.ts";
import { testSsh2 } from "../../../tests/helpers/test_ssh2.ts";
import { Secret } from "../../../core/secret.ts";
import { sshString } from "../ssh_signature.ts";
import { certificateKey } from "./certificate_key.ts";
import { openConnection } from "./open_connection.ts";

const TYPE = "ssh-rsa-cert-v01@openssh.com";
const hostKey = ssh2.utils.generateKeyPairSync("rsa", { bits: 2048 }).private;

Deno.test("certificates: the insides of ssh2 that are used are those of one version", () => {
  assert.equal(project.imports.ssh2, "npm:ssh2@1.17.0", "read certificate_key.ts first");
});

testSsh2([], "certificates: shown and signed under the names that OpenSSH wants", async () => {
  const { privateKey: secret } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const certificate = Buffer.concat([sshString(TYPE), Buffer.from("its contents")]);
  const seen: { algorithm: string; data: Uint8Array; signed: boolean }[] = [];
  const server = new ssh2.Server({ hostKeys: [hostKey] }, (client) => {
    client.on("error", () => {});
    client.on("authentication", (attempt) => {
      if (attempt.method !== "publickey") return attempt.reject(["publickey"]);
      const { key, signature, blob } = attempt;
      seen.push({ algorithm: key.algo, data: key.data, signed: signature !== undefined });
      if (!signature || (blob && isSignedBy(secret, blob, signature))) attempt.accept();
      else attempt.reject(["publickey"]);
    });
  });
  await using vm = await createInMemoryVm({
    serve: (socket: Duplex) => server.injectSocket(socket as never),
  });
  const text = secret.export({ type: "pkcs1", format: "pem" }).toString();
  const line = `${TYPE} ${certificate.toString("base64")}`;
  const methods = [{ kind: "key", privateKey: new Secret(text), certificate: line }] as const;
  await using _connection = await openConnection(
    { ...vm.plan, signIn: { name: "aad", methods } },
    {},
    vm.ctx,
  );
  const algorithm = "rsa-sha2-512-cert-v01@openssh.com";
  assert.deepEqual(seen.map(({ signed }) => signed), [false, true]);
  for (const one of seen) {
    assert.equal(one.algorithm, algorithm);
    assert.deepEqual(Buffer.from(one.data), certificate);
  }
});

Deno.test("certificates: one of another kind of key is none", () => {
  const { public: line } = ssh2.utils.generateKeyPairSync("rsa", { bits: 2048 });
  const plain = ssh2.utils.parseKey(line);
  assert.ok(!(plain instanceof Error));
  assert.equal(certificateKey(plain, "ssh-ed25519-cert-v01@openssh.com AAAA"), undefined);
  assert.equal(certificateKey(plain, line), undefined);
  assert.equal(certificateKey(plain, ""), undefined);
  assert.equal(certificateKey(plain, `${TYPE} AAAA`)?.algorithm, "rsa-sha2-512");
});

/** The signature goes by the plain key's name, whatever the request's algorithm. */
function isSignedBy(key: KeyObject, data: Uint8Array, signature: Uint8Array): boolean {
  const name = sshString("rsa-sha2-512");
  return Buffer.from(signature).subarray(0, name.length).equals(name) &&
    verify("sha512", data, createPublicKey(key), signature.subarray(name.length + 4));
}
