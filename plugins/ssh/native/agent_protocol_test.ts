import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import fc from "fast-check";
import type { SshSignatureAlgorithm, SshSigner } from "../../../core/mod.ts";
import { sshString } from "../ssh_signature.ts";
import { createAgentProtocol } from "./agent_protocol.ts";

const FAILURE = Buffer.of(5);
const NO_REFUSAL = (error: unknown) => assert.fail(String(error));

function keyOf(type: string): { line: string; blob: Buffer } {
  const blob = Buffer.concat([sshString(type), sshString("key")]);
  return { line: `${type} ${blob.toString("base64")} comment`, blob };
}

function signer(type: string, sign: SshSigner["sign"], certificate?: string): SshSigner {
  const { line } = keyOf(type);
  return { publicKey: line, ...(certificate === undefined ? {} : { certificate }), sign };
}

function signRequest(blob: Uint8Array, data: string, flags: number): Buffer {
  const end = Buffer.alloc(4);
  end.writeUInt32BE(flags);
  return Buffer.concat([Buffer.of(13), sshString(blob), sshString(data), end]);
}

Deno.test("agentProtocol: keys and certificates are told", async () => {
  const certificate = keyOf("ssh-rsa-cert-v01@openssh.com");
  const never = () => Promise.reject(new Error("not asked to"));
  const answer = createAgentProtocol([
    signer("ssh-rsa", never, certificate.line),
    signer("ssh-ed25519", never),
  ], NO_REFUSAL);
  const expected = [keyOf("ssh-rsa"), certificate, keyOf("ssh-ed25519")]
    .flatMap(({ blob }) => [sshString(blob), sshString("")]);
  assert.deepEqual(
    await answer(Buffer.of(11)),
    Buffer.concat([Buffer.of(12, 0, 0, 0, 3), ...expected]),
  );
});

Deno.test("agentProtocol: signs with the algorithm that is asked for, and never with SHA-1", async () => {
  const cases: [type: string, flags: number, algorithm: SshSignatureAlgorithm | undefined][] = [
    ["ssh-rsa", 2, "rsa-sha2-256"],
    ["ssh-rsa", 4, "rsa-sha2-512"],
    ["ssh-rsa", 6, "rsa-sha2-512"],
    ["ssh-rsa", 0, undefined],
    ["ssh-rsa-cert-v01@openssh.com", 4, "rsa-sha2-512"],
    ["ssh-ed25519", 0, "ssh-ed25519"],
    ["ssh-ed25519-cert-v01@openssh.com", 0, "ssh-ed25519"],
    ["ecdsa-sha2-nistp256", 0, "ecdsa-sha2-nistp256"],
    ["ecdsa-sha2-nistp521", 0, "ecdsa-sha2-nistp521"],
    ["ssh-dss", 0, undefined],
    ["constructor", 0, undefined],
  ];
  const sizes: Readonly<Record<SshSignatureAlgorithm, number>> = {
    "rsa-sha2-256": 256,
    "rsa-sha2-512": 256,
    "ecdsa-sha2-nistp256": 64,
    "ecdsa-sha2-nistp384": 96,
    "ecdsa-sha2-nistp521": 132,
    "ssh-ed25519": 64,
  };
  for (const [type, flags, algorithm] of cases) {
    const asked: string[] = [];
    const answer = createAgentProtocol([
      signer(type, (data, how) => {
        asked.push(`${Buffer.from(data)} ${how}`);
        return Promise.resolve(new Uint8Array(sizes[how]).fill(1));
      }),
    ], NO_REFUSAL);
    const said = await answer(signRequest(keyOf(type).blob, "data", flags));
    assert.deepEqual(asked, algorithm === undefined ? [] : [`data ${algorithm}`], type);
    assert.equal(said[0], algorithm === undefined ? 5 : 14, type);
    if (algorithm) assert.equal(said.subarray(9, 9 + algorithm.length).toString(), algorithm);
  }
});

Deno.test("agentProtocol: a key that does not sign, or signs nonsense, is a failure that is told", async () => {
  const told: unknown[] = [];
  const problem = new Error("locked");
  const signs: SshSigner["sign"][] = [
    () => Promise.reject(problem),
    () => Promise.resolve(new Uint8Array(3)),
  ];
  for (const sign of signs) {
    const answer = createAgentProtocol([signer("ssh-ed25519", sign)], (error) => told.push(error));
    assert.deepEqual(
      await answer(signRequest(keyOf("ssh-ed25519").blob, "data", 0)),
      FAILURE,
    );
  }
  assert.equal(told[0], problem);
  assert.match(String(told[1]), /no ssh-ed25519 signature has 3 bytes/);
});

Deno.test("agentProtocol: whatever else is asked is refused, and nothing is signed", async () => {
  const answer = createAgentProtocol(
    [signer("ssh-ed25519", () => assert.fail("signed"))],
    NO_REFUSAL,
  );
  const whole = signRequest(keyOf("ssh-ed25519").blob, "data", 0);
  const messages = [
    Buffer.alloc(0),
    // Adding a key, removing all, locking, an extension.
    ...[17, 19, 22, 27, 255].map((type) => Buffer.of(type, 0, 0, 0, 0)),
    ...Array.from({ length: whole.length }, (_, size) => whole.subarray(0, size)),
    signRequest(keyOf("ssh-rsa").blob, "data", 0),
    Buffer.from([13, 0xff, 0xff, 0xff, 0xff, 1]),
  ];
  for (const message of messages) assert.deepEqual(await answer(message), FAILURE);
  await fc.assert(fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), async (bytes) => {
    const message = bytes[0] === 11 ? bytes.subarray(1) : bytes;
    if (message[0] === 11) return;
    assert.deepEqual(await answer(message), FAILURE);
  }));
});

Deno.test("agentProtocol: what is no public key is refused at once", () => {
  for (const line of ["", "ssh-ed25519", "ssh-ed25519 !!!", "ssh-rsa AAAAC3NzaC1lZDI1NTE5"]) {
    const bad: SshSigner = { publicKey: line, sign: () => assert.fail("signed") };
    assert.throws(() => createAgentProtocol([bad], NO_REFUSAL), TypeError, line);
  }
});
