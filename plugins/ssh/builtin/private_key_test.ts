import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { generateKeyPairSync, sign, verify } from "node:crypto";
import { sshString } from "../ssh_signature.ts";
import { privateKey, publicBlob } from "./private_key.ts";

/** OpenSSH's format (PROTOCOL.key), not encrypted. */
function openSshFormat(publicKey: Buffer, ...secret: (string | Buffer)[]): string {
  const numbers = Buffer.alloc(4, 7);
  const secrets = Buffer.concat([numbers, numbers, ...secret.map(sshString), sshString("")]);
  const padding = Buffer.from(
    Array.from({ length: 8 - secrets.length % 8 }, (_, index) => index + 1),
  );
  const text = Buffer.concat([
    Buffer.from("openssh-key-v1\0"),
    ...["none", "none", ""].map(sshString),
    Buffer.of(0, 0, 0, 1),
    sshString(publicKey),
    sshString(Buffer.concat([secrets, padding])),
  ]).toString("base64");
  return `-----BEGIN OPENSSH PRIVATE KEY-----\n${text}\n-----END OPENSSH PRIVATE KEY-----\n`;
}

Deno.test("private key: an ECDSA number that OpenSSH has written short, or with a zero, is the same", () => {
  const seen = new Set<number>();
  const data = Buffer.from("data");
  for (let i = 0; i < 5000 && seen.size < 3; i++) {
    const pair = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const { d = "" } = pair.privateKey.export({ format: "jwk" });
    const digits = Buffer.from(d, "base64url");
    const first = digits.findIndex((byte) => byte !== 0);
    const short = digits.subarray(first);
    const number = (short[0] ?? 0) & 0x80 ? Buffer.concat([Buffer.of(0), short]) : short;
    if (seen.has(number.length)) continue;
    seen.add(number.length);
    const blob = publicBlob(pair.privateKey);
    const point = blob.subarray(-65);
    const text = openSshFormat(blob, "ecdsa-sha2-nistp256", "nistp256", point, number);
    const key = privateKey(text);
    assert.deepEqual(key.publicKey, blob);
    const signature = sign("sha256", data, key.open(undefined));
    assert.ok(verify("sha256", data, pair.publicKey, signature), `${number.length} bytes`);
  }
  assert.deepEqual([...seen].sort(), [31, 32, 33]);
});

Deno.test("private key: what is cut off, or none, is told by open", () => {
  const pair = generateKeyPairSync("ed25519");
  const whole = openSshFormat(publicBlob(pair.privateKey), "ssh-ed25519", "k", "s");
  for (let size = 0; size < whole.length; size += 7) {
    const key = privateKey(
      `${whole.slice(0, 37 + size)}\n-----END OPENSSH PRIVATE KEY-----\n`,
    );
    assert.throws(() => key.open(undefined));
  }
});
