import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { createSign, generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import fc from "fast-check";
import { type CertificateAttempt, checkUserCertificate } from "./check_user_certificate.ts";

const NOW = 1_700_000_000;
const DATA = Buffer.from("the session and the request");
const SHA256 = "rsa-sha2-256-cert-v01@openssh.com";
const SHA512 = "rsa-sha2-512-cert-v01@openssh.com";
const SHA1 = "ssh-rsa-cert-v01@openssh.com";

const ours = createAuthority();
const stranger = createAuthority();
const ada = generateKeyPairSync("rsa", { modulusLength: 2048 });
const small = generateKeyPairSync("rsa", { modulusLength: 1024 });

function createAuthority() {
  const { publicKey, privateKey } = generateKeyPairSync("ed25519");
  const { x = "" } = publicKey.export({ format: "jwk" });
  const blob = Buffer.concat([field("ssh-ed25519"), field(Buffer.from(x, "base64url"))]);
  return { blob, privateKey, line: `ssh-ed25519 ${blob.toString("base64")} a comment` };
}

interface Content {
  readonly format?: string;
  readonly key?: KeyObject;
  readonly type?: number;
  readonly principals?: readonly string[];
  readonly after?: number;
  readonly before?: number;
  readonly critical?: Readonly<Record<string, string>>;
  readonly authority?: typeof ours;
  readonly signedBy?: typeof ours;
  readonly signatureType?: string;
  readonly tail?: string;
}

function certify({
  format = SHA1,
  key = ada.publicKey,
  type = 1,
  principals = ["ada@emulator.test"],
  after = NOW - 60,
  before = NOW + 60,
  critical = {},
  authority = ours,
  signedBy = authority,
  signatureType = "ssh-ed25519",
  tail = "",
}: Content = {}): Buffer {
  const { n = "", e = "" } = key.export({ format: "jwk" });
  const body = Buffer.concat([
    field(format),
    field(Buffer.alloc(32, 7)),
    field(Buffer.from(e, "base64url")),
    field(Buffer.concat([Buffer.of(0), Buffer.from(n, "base64url")])),
    number(8, 0),
    number(4, type),
    field("ada's key"),
    field(Buffer.concat(principals.map(field))),
    number(8, after),
    number(8, before),
    field(Buffer.concat(
      Object.entries(critical).flatMap(([name, value]) => [field(name), field(field(value))]),
    )),
    field(Buffer.concat([field("permit-pty"), field("")])),
    field(""),
    field(authority.blob),
  ]);
  const signature = sign(null, body, signedBy.privateKey);
  const signed = Buffer.concat([field(signatureType), field(signature)]);
  return Buffer.concat([body, field(signed), Buffer.from(tail)]);
}

function prove(hash = "sha256", name = "rsa-sha2-256", key: KeyObject = ada.privateKey) {
  const signature = createSign(hash).update(DATA).sign(key);
  return { data: DATA, signature: Buffer.concat([field(name), field(signature)]) };
}

function check(attempt: Partial<CertificateAttempt>, now = NOW): string | undefined {
  const good = {
    user: "ada@emulator.test",
    algorithm: SHA256,
    certificate: certify(),
    proof: prove(),
  };
  return checkUserCertificate({ ...good, ...attempt }, ours.line, now);
}

Deno.test("a user's certificate of the known authority opens the door", () => {
  const good: readonly Partial<CertificateAttempt>[] = [
    {},
    { algorithm: SHA512, proof: prove("sha512", "rsa-sha2-512") },
    { user: "bob", certificate: certify({ principals: ["ada@emulator.test", "bob"] }) },
    { certificate: certify({ after: 0, before: NOW + 1 }) },
    { certificate: certify({ after: NOW }) },
  ];
  for (const attempt of good) assert.equal(check(attempt), undefined);
  // Asked whether it would do, before anything is signed.
  const question = { user: "ada@emulator.test", algorithm: SHA256, certificate: certify() };
  assert.equal(checkUserCertificate(question, ours.line, NOW), undefined);
});

const refused: Readonly<Record<string, readonly [Partial<CertificateAttempt>, RegExp]>> = {
  "another authority": [{ certificate: certify({ authority: stranger }) }, /not trusted/],
  "an authority's name, and another's signature": [
    { certificate: certify({ signedBy: stranger }) },
    /has not signed/,
  ],
  "a signature of another kind": [
    { certificate: certify({ signatureType: "ssh-rsa" }) },
    /has not signed/,
  ],
  "a host's certificate": [{ certificate: certify({ type: 2 }) }, /not a user's/],
  "not yet valid": [{ certificate: certify({ after: NOW + 1 }) }, /not valid yet/],
  "expired this second": [{ certificate: certify({ before: NOW }) }, /not valid any more/],
  "expired": [{ certificate: certify({ before: NOW - 1 }) }, /not valid any more/],
  "another user": [{ user: "bob" }, /another user/],
  "the user's name in capitals": [{ user: "ADA@emulator.test" }, /another user/],
  "nobody in particular": [{ certificate: certify({ principals: [] }) }, /another user/],
  "an unknown critical option": [
    { certificate: certify({ critical: { "x@example.test": "1" } }) },
    /critical options.*x@example\.test/,
  ],
  "a command that it is for alone": [
    { certificate: certify({ critical: { "force-command": "true" } }) },
    /critical options.*force-command/,
  ],
  "an address that it is for alone": [
    { certificate: certify({ critical: { "source-address": "192.0.2.1" } }) },
    /critical options.*source-address/,
  ],
  "a signature by SHA-1": [
    { algorithm: SHA1, proof: prove("sha1", "ssh-rsa") },
    /algorithm .* not allowed/,
  ],
  "a signature by SHA-1, under a better name": [
    { proof: prove("sha1", "ssh-rsa") },
    /does not have the certified key/,
  ],
  "an algorithm that every object knows": [{ algorithm: "toString" }, /not allowed/],
  "the plain key's algorithm": [{ algorithm: "rsa-sha2-256" }, /not allowed/],
  "another key's signature": [
    { proof: prove("sha256", "rsa-sha2-256", small.privateKey) },
    /does not have the certified key/,
  ],
  "a signature of another session": [
    { proof: { ...prove(), data: Buffer.from("another") } },
    /does not have the certified key/,
  ],
  "no signature": [
    { proof: { data: DATA, signature: Buffer.alloc(0) } },
    /does not have the certified key/,
  ],
  "a small key": [{ certificate: certify({ key: small.publicKey }) }, /2048 bits/],
  "another kind of certificate": [
    { certificate: certify({ format: "ssh-ed25519-cert-v01@openssh.com" }) },
    /no certificate/,
  ],
  "bytes behind the end": [{ certificate: certify({ tail: "x" }) }, /no certificate/],
  "nothing": [{ certificate: Buffer.alloc(0) }, /no certificate/],
};

for (const [what, [attempt, reason]] of Object.entries(refused)) {
  Deno.test(`a certificate is refused: ${what}`, () => {
    assert.match(check(attempt) ?? "it was believed", reason);
  });
}

Deno.test("a certificate of which any byte is another, or the last ones are missing, is refused", () => {
  const good = certify();
  for (let at = 0; at < good.length; at++) {
    const changed = Buffer.from(good);
    changed[at] = (changed[at] ?? 0) ^ 1;
    assert.notEqual(check({ certificate: changed }), undefined, `byte ${at}`);
    assert.notEqual(check({ certificate: good.subarray(0, at) }), undefined, `${at} bytes`);
  }
});

Deno.test("whatever the bytes, there is an answer, and it is no", () => {
  const good = certify();
  const piece = fc.tuple(fc.nat(good.length), fc.nat(good.length), fc.uint8Array({ maxLength: 64 }))
    .map(([from, to, middle]) =>
      Buffer.concat([good.subarray(0, from), middle, good.subarray(to)])
    );
  fc.assert(fc.property(
    fc.oneof(fc.uint8Array({ maxLength: 2048 }), piece),
    fc.uint8Array({ maxLength: 300 }),
    fc.string(),
    (certificate, signature, user) => {
      fc.pre(!good.equals(certificate));
      const attempt = { certificate, proof: { data: DATA, signature } };
      assert.equal(typeof check(attempt), "string");
      assert.equal(typeof check({ proof: attempt.proof }), "string");
      assert.equal(typeof check({ ...attempt, user }), "string");
    },
  ));
});

function field(value: string | Uint8Array): Buffer {
  const bytes = Buffer.from(value as Uint8Array);
  return Buffer.concat([number(4, bytes.length), bytes]);
}

function number(size: 4 | 8, value: number): Buffer {
  const bytes = Buffer.alloc(size);
  bytes.writeUInt32BE(value, size - 4);
  return bytes;
}
