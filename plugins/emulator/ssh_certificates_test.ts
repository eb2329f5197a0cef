import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { generateKeyPairSync } from "node:crypto";
import { readSshCertificate } from "../../core/auth/vm/ssh_certificate.ts";
import { needs } from "../../tests/helpers/needs.ts";
import { runSuccessfully } from "../../tests/helpers/run.ts";
import { tempDir } from "../../tests/helpers/temp_dir.ts";
import { createSshCertificates } from "./ssh_certificates.ts";

const NOW = 1_700_000_000;

function form(modulusLength: number): URLSearchParams {
  const { publicKey } = generateKeyPairSync("rsa", { modulusLength });
  const { n = "", e = "" } = publicKey.export({ format: "jwk" });
  const modulus = Buffer.concat([Buffer.from([0]), Buffer.from(n, "base64url")]);
  return new URLSearchParams({
    req_cnf: JSON.stringify({ kty: "RSA", n: modulus.toString("base64url"), e, kid: "k" }),
  });
}

Deno.test("ssh certificates: what is issued can be read, and nothing else can", () => {
  const issued = createSshCertificates(() => 3600).issue(form(2048), "ada@emulator.test", NOW);
  if (typeof issued !== "string") throw new Error(issued.description);
  const read = readSshCertificate(issued);
  assert.deepEqual(read, {
    line: `ssh-rsa-cert-v01@openssh.com ${issued}`,
    principals: ["ada@emulator.test"],
    expiresOn: (NOW + 3600) * 1000,
  });
  const urlSafe = issued.replaceAll("+", "-").replaceAll("/", "_");
  assert.deepEqual(readSshCertificate(urlSafe), read);
  const bytes = Buffer.from(issued, "base64");
  for (const size of [0, 3, 40, 400]) {
    const cut = bytes.subarray(0, size).toString("base64");
    assert.equal(readSshCertificate(cut), undefined, `${size} bytes`);
  }
  for (const text of ["", "eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0.", "AAAA", "\0"]) {
    assert.equal(readSshCertificate(text), undefined);
  }
});

Deno.test("ssh certificates: small keys, other keys and no keys are refused", () => {
  const certificates = createSshCertificates(() => 3600);
  for (
    const given of [form(1024), new URLSearchParams(), new URLSearchParams({ req_cnf: "{}" })]
  ) {
    assert.equal(typeof certificates.issue(given, "u", NOW), "object");
  }
});

needs("ssh-keygen").test("ssh certificates: OpenSSH reads them as they are meant", async () => {
  await using directory = await tempDir();
  const certificates = createSshCertificates(() => 3600);
  const issued = certificates.issue(form(2048), "ada@emulator.test", NOW);
  const file = directory.file("cert.pub");
  await Deno.writeTextFile(file, `ssh-rsa-cert-v01@openssh.com ${issued}\n`);
  const { stdout } = await runSuccessfully(["ssh-keygen", "-L", "-f", file], {
    env: { TZ: "UTC" },
  });
  assert.match(stdout, /user certificate/);
  assert.match(stdout, /Valid: from 2023-11-14T22:08:20 to 2023-11-14T23:13:20/);
  assert.match(stdout, /Principals:\s+ada@emulator\.test\s+Critical Options: \(none\)/);
  assert.match(stdout, /Extensions:\s+permit-port-forwarding\s+permit-pty\s/);
});
