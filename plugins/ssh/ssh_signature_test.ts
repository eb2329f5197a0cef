import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import type { SshSignatureAlgorithm } from "../../core/mod.ts";
import { signatureBlob, sshSignature } from "./ssh_signature.ts";

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");

Deno.test("sshSignature: name and blob, each behind its length", () => {
  const raw = Buffer.alloc(64, 7);
  assert.equal(
    hex(sshSignature("ssh-ed25519", raw)),
    `0000000b${hex(Buffer.from("ssh-ed25519"))}00000040${hex(raw)}`,
  );
});

Deno.test("sshSignature: r and s are numbers: no leading zeros, and no sign", () => {
  const half = (start: string) => Buffer.from(start.padEnd(64, "00"), "hex");
  const cases: [r: string, expected: string][] = [
    ["7f", `00000020${hex(half("7f"))}`],
    ["80", `0000002100${hex(half("80"))}`],
    ["0001", `0000001f${hex(half("01")).slice(0, 62)}`],
    ["00ff", `0000002000${hex(half("ff")).slice(0, 62)}`],
    ["00", "00000000"],
  ];
  for (const [r, expected] of cases) {
    const blob = signatureBlob("ecdsa-sha2-nistp256", Buffer.concat([half(r), half("01")]));
    assert.equal(hex(blob), `${expected}00000020${hex(half("01"))}`, r);
  }
});

Deno.test("sshSignature: what the algorithm cannot have made is refused", () => {
  const cases: [SshSignatureAlgorithm, number][] = [
    ["ssh-ed25519", 63],
    ["ssh-ed25519", 0],
    ["ecdsa-sha2-nistp256", 72],
    ["ecdsa-sha2-nistp384", 64],
    ["ecdsa-sha2-nistp521", 128],
    ["rsa-sha2-256", 64],
    ["rsa-sha2-512", 4096],
  ];
  for (const [algorithm, size] of cases) {
    assert.throws(() => sshSignature(algorithm, Buffer.alloc(size)), RangeError, algorithm);
  }
});
