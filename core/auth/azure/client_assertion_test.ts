import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { constants, createHash, createPrivateKey, verify, X509Certificate } from "node:crypto";
import { tempDir } from "../../../tests/helpers/temp_dir.ts";
import { testCertificate } from "../../../tests/helpers/test_certificate.ts";
import { clientAssertion } from "./client_assertion.ts";

const { key, certificate } = await testCertificate({ rsa: true });
const PASSWORD = "planted-password";
const encrypted = createPrivateKey(key)
  .export({ type: "pkcs8", format: "pem", cipher: "aes-256-cbc", passphrase: PASSWORD }).toString();
const now = new Date("2026-01-02T03:04:05.678Z");
const rest = { client: "app", audience: "https://entra.example/t/oauth2/v2.0/token" };

Deno.test("clientAssertion: signed by the certificate's key, for one audience, for ten minutes", async () => {
  await using dir = await tempDir();
  const file = dir.file("client.pem");
  const { publicKey, raw } = new X509Certificate(certificate);
  const traditional = createPrivateKey(key).export({ type: "pkcs1", format: "pem" }).toString();
  const cases: [pem: string, password: string | undefined][] = [
    [key + certificate, undefined],
    [`Bag Attributes\n${certificate}Key Attributes\n${key}`, undefined],
    [traditional + certificate, undefined],
    [certificate + encrypted, PASSWORD],
  ];
  const ids = new Set<unknown>();
  for (const [pem, password] of cases) {
    await Deno.writeTextFile(file, pem);
    const [header = "", claims = "", signature = "", ...more] =
      (await clientAssertion({ file, password, ...rest }, now)).split(".");
    assert.equal(more.length, 0);
    assert.deepEqual(JSON.parse(Buffer.from(header, "base64url").toString()), {
      alg: "PS256",
      typ: "JWT",
      "x5t#S256": createHash("sha256").update(raw).digest("base64url"),
    });
    const { jti, ...stable } = JSON.parse(Buffer.from(claims, "base64url").toString());
    const nbf = 1_767_323_045;
    assert.deepEqual(stable, { aud: rest.audience, iss: "app", sub: "app", nbf, exp: nbf + 600 });
    ids.add(jti);
    const padding = { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 };
    assert.ok(verify(
      "sha256",
      Buffer.from(`${header}.${claims}`),
      { key: publicKey, ...padding },
      Buffer.from(signature, "base64url"),
    ));
  }
  assert.equal(ids.size, cases.length);
});

Deno.test("clientAssertion: a file that cannot be used is named, and its content is not shown", async () => {
  await using dir = await tempDir();
  const elliptic = await testCertificate();
  const damaged = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n";
  const cases: [name: string, pem: string | undefined, problem: RegExp][] = [
    ["missing", undefined, /cannot be read: /],
    ["empty", "", /no private key in PEM/],
    ["certificate", certificate, /no private key in PEM/],
    ["key", key, /no certificate in PEM/],
    ["elliptic", elliptic.key + elliptic.certificate, /RSA keys only/],
    ["damaged", damaged + certificate, /cannot be used to sign in: /],
    ["encrypted", encrypted + certificate, /cannot be used to sign in: /],
  ];
  for (const [name, pem, problem] of cases) {
    const file = dir.file(name);
    if (pem !== undefined) await Deno.writeTextFile(file, pem);
    const password = name === "encrypted" ? "not-the-password" : undefined;
    await assert.rejects(clientAssertion({ file, password, ...rest }, now), (error: Error) => {
      assert.match(error.message, problem);
      assert.ok(error.message.includes(file));
      assert.doesNotMatch(Deno.inspect(error), /BEGIN|MII|planted/);
      return "code" in error && error.code === "file-failed";
    });
  }
});
