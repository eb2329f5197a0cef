import assert from "node:assert/strict";
import { createPublicKey, generateKeyPairSync, verify } from "node:crypto";
// @ts-types="@types/ssh2"
import ssh2 from "ssh2";
import type { SshSignatureAlgorithm } from "../../../core/mod.ts";
import { needs } from "../../../tests/helpers/needs.ts";
import { runSuccessfully } from "../../../tests/helpers/run.ts";
import { tempDir } from "../../../tests/helpers/temp_dir.ts";
import { createKeySigner } from "./key_signer.ts";

const PASSPHRASE = "a p@ssphräse";
const DATA = new TextEncoder().encode("what is signed");

/** Doors with answers to the question for the passphrase, and how often it was put. */
function doorsWith(...answers: string[]) {
  const asked = { times: 0 };
  return {
    asked,
    askPassphrase: () =>
      Promise.resolve(answers[Math.min(asked.times++, answers.length - 1)] ?? ""),
    wrongPassphrase: () => new Error("wrong"),
    unusable: (problem: string) => new Error(`unusable: ${problem}`),
  };
}

const TYPES: readonly (readonly [readonly string[], SshSignatureAlgorithm, string | null])[] = [
  [["ed25519"], "ssh-ed25519", null],
  [["rsa", "-b", "2048"], "rsa-sha2-256", "sha256"],
  [["rsa", "-b", "2048"], "rsa-sha2-512", "sha512"],
  [["ecdsa", "-b", "256"], "ecdsa-sha2-nistp256", "sha256"],
  [["ecdsa", "-b", "384"], "ecdsa-sha2-nistp384", "sha384"],
  [["ecdsa", "-b", "521"], "ecdsa-sha2-nistp521", "sha512"],
];

/** A key of `ssh-keygen`'s, private and public. */
async function generate(type: readonly string[], passphrase = "", format: string[] = []) {
  await using directory = await tempDir();
  const file = directory.file("key");
  const words = ["-q", "-t", ...type, "-N", passphrase, "-C", "", ...format, "-f", file];
  await runSuccessfully(["ssh-keygen", ...words]);
  const read = (path: string) => Deno.readTextFile(path);
  return { text: await read(file), publicLine: (await read(`${file}.pub`)).trim() };
}

function assertSigned(
  publicLine: string,
  raw: Uint8Array,
  hash: string | null,
): void {
  const key = ssh2.utils.parseKey(publicLine);
  assert.ok(!(key instanceof Error));
  const publicKey = createPublicKey(key.getPublicPEM());
  assert.ok(verify(hash, DATA, { key: publicKey, dsaEncoding: "ieee-p1363" }, raw));
}

needs("ssh-keygen").test("key signer: OpenSSH's keys sign, open and encrypted", async () => {
  for (const [type, algorithm, hash] of TYPES) {
    for (const passphrase of ["", PASSPHRASE]) {
      const { text, publicLine } = await generate(type, passphrase);
      const doors = doorsWith("not it", PASSPHRASE);
      const signer = await createKeySigner({ text }, doors);
      assert.equal(signer.publicKey, publicLine, type.join(" "));
      assert.equal(doors.asked.times, 0, "the public half is no secret");
      assertSigned(publicLine, await signer.sign(DATA, algorithm), hash);
      await signer.sign(DATA, algorithm);
      assert.equal(doors.asked.times, passphrase === "" ? 0 : 2, "once it is known it is known");
    }
  }
});

needs("ssh-keygen").test(
  "key signer: PEM's keys, as Azure's portal and OpenSSL give them",
  async () => {
    for (const [type, algorithm, hash] of TYPES.filter(([[name]]) => name !== "ed25519")) {
      // What Deno cannot read of them is refused in words (below).
      if (algorithm === "ecdsa-sha2-nistp521") continue;
      for (const passphrase of ["", PASSPHRASE]) {
        const { text, publicLine } = await generate(type, passphrase, ["-m", "PEM"]);
        assert.match(text, /^-----BEGIN (RSA|EC) PRIVATE KEY-----/);
        const signer = await createKeySigner({ text }, doorsWith(PASSPHRASE));
        assert.equal(signer.publicKey, publicLine);
        assertSigned(publicLine, await signer.sign(DATA, algorithm), hash);
      }
    }
  },
);

Deno.test("key signer: PKCS #8", async () => {
  const pairs = [
    [generateKeyPairSync("rsa", { modulusLength: 2048 }), "rsa-sha2-512", "sha512"],
    [generateKeyPairSync("ec", { namedCurve: "P-256" }), "ecdsa-sha2-nistp256", "sha256"],
    [generateKeyPairSync("ed25519"), "ssh-ed25519", null],
  ] as const;
  for (const [{ privateKey, publicKey }, algorithm, hash] of pairs) {
    const text = privateKey.export({ type: "pkcs8", format: "pem" }).toString();
    const signer = await createKeySigner({ text }, doorsWith());
    const raw = await signer.sign(DATA, algorithm);
    assert.ok(verify(hash, DATA, { key: publicKey, dsaEncoding: "ieee-p1363" }, raw));
    assertSigned(signer.publicKey, raw, hash);
  }
});

needs("ssh-keygen", "openssl").test("key signer: PKCS #8, encrypted", async () => {
  const { text, publicLine } = await generate(["rsa", "-b", "2048"], "", ["-m", "PKCS8"]);
  const { stdout } = await runSuccessfully(
    ["openssl", "pkcs8", "-topk8", "-v2", "aes-256-cbc", "-passout", `pass:${PASSPHRASE}`],
    { stdin: text },
  );
  assert.match(stdout, /^-----BEGIN ENCRYPTED PRIVATE KEY-----/);
  const signer = await createKeySigner({ text: stdout }, doorsWith("no", PASSPHRASE));
  assert.equal(signer.publicKey, publicLine);
  assertSigned(publicLine, await signer.sign(DATA, "rsa-sha2-256"), "sha256");
});

needs("ssh-keygen").test(
  "key signer: three wrong passphrases, and keys of no use, are said",
  async () => {
    const { text } = await generate(["ed25519"], PASSPHRASE);
    const doors = doorsWith("wrong");
    const signer = await createKeySigner({ text }, doors);
    await assert.rejects(signer.sign(DATA, "ssh-ed25519"), { message: "wrong" });
    assert.equal(doors.asked.times, 3);
    for (
      const odd of [
        "-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----\n",
        "-----BEGIN RSA PRIVATE KEY-----\nAAAA\n-----END RSA PRIVATE KEY-----\n",
        "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
        "nothing",
        "",
      ]
    ) {
      await assert.rejects(createKeySigner({ text: odd }, doorsWith()), /^Error: unusable: /, odd);
    }
    const header = (type: string) => {
      const string = (value: string) => `\0\0\0${String.fromCharCode(value.length)}${value}`;
      const blob = `${string(type)}${string("k".repeat(32))}`;
      const data = `openssh-key-v1\0${string("none")}${string("none")}${string("")}\0\0\0\x01` +
        string(blob);
      return `-----BEGIN OPENSSH PRIVATE KEY-----\n${
        btoa(data)
      }\n-----END OPENSSH PRIVATE KEY-----\n`;
    };
    await assert.rejects(
      createKeySigner({ text: header("sk-ssh-ed25519@openssh.com") }, doorsWith()),
      /unusable: it is of the type "sk-ssh-ed25519@openssh.com"/,
    );
  },
);
