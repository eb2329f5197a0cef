/** `bastion ssh --auth-type aad`: certificates of the emulated Entra, checked by a real sshd. */

import assert from "node:assert/strict";
import { readSshCertificate } from "../../core/auth/vm/ssh_certificate.ts";
import { withAad } from "../helpers/aad_ssh.ts";
import { startInBackground } from "../helpers/background_process.ts";
import { privateDirectories } from "../helpers/bastion_ssh.ts";
import { eventually } from "../helpers/eventually.ts";
import { needsThat } from "../helpers/needs.ts";
import { NO_CREDENTIAL } from "../helpers/no_credential.ts";
import { runSuccessfully } from "../helpers/run.ts";
import { canHaveUsers } from "../helpers/sshd.ts";
import { tempDir } from "../helpers/temp_dir.ts";

const ADA = "ada@emulator.test";
const AAD = ["ssh", "web1", "--auth-type", "aad"];

const test = needsThat(canHaveUsers(), "way to give sshd users of its own").test;

test("a service principal enters as itself; the documented command", () =>
  withAad(async ({ azure, sshd, bastion }) => {
    const { code, stdout, stderr } = await bastion([
      ...["ssh", "--name", "hub", "--resource-group", "net"],
      ...["--target-resource-id", azure.vmId, "--auth-type", "AAD", "--", "echo hi; exit 7"],
    ]);
    assert.deepEqual({ code, stdout }, { code: 7, stdout: "hi\n" }, stderr);
    assert.match(sshd.log(), /Accepted publickey for .* RSA-CERT/);
    const other = await bastion([...AAD, "-l", "root", "true"]);
    assert.equal(other.code, 255);
    assert.match(other.stderr, /certificate is for 0e0e.*, not for root/);
  }));

test("a user who has signed in by bastion login enters by the name of that sign-in", () =>
  withAad(async ({ bastion }) => {
    const login = await bastion(["login", "--device-code"], { env: NO_CREDENTIAL });
    assert.equal(login.code, 0, login.stderr);
    for (const _time of ["first", "second"]) {
      const { code, stdout, stderr } = await bastion([...AAD, "echo hi"], { env: NO_CREDENTIAL });
      assert.deepEqual({ code, stdout }, { code: 0, stdout: "hi\n" }, stderr);
    }
  }, { user: ADA, azure: { world: { users: [{ userPrincipalName: ADA, autoApprove: true }] } } }));

for (const client of ["native", "builtin"]) {
  const words = [...AAD, "--client", client, "--json", "true"];

  test(`a VM that refuses the certificate (${client}): role and extension are named`, async () => {
    await using directory = await tempDir();
    const file = directory.file("ca");
    await runSuccessfully(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", file]);
    const authority = (await Deno.readTextFile(`${file}.pub`)).trim();
    await withAad(async ({ bastion }) => {
      const { code, stderr } = await bastion(words);
      assert.equal(code, 255);
      assert.match(stderr, /"code":"ssh\/certificate-refused"/);
      assert.match(stderr, /Virtual Machine .*User Login.*AADSSHLoginForLinux/s);
    }, { authority });
  });

  test(`a certificate that has ended (${client}) is called that, and no role is missed`, () =>
    withAad(async ({ sshd, bastion }) => {
      const { code, stderr } = await bastion(words);
      assert.equal(code, 255);
      assert.match(sshd.log(), /Certificate invalid: expired/);
      assert.match(stderr, /"code":"ssh\/certificate-ended"/);
      assert.match(stderr, /the certificate has ended, at 20\d\d-/);
      assert.doesNotMatch(stderr, /AADSSHLoginForLinux/);
    }, { azure: { world: { sshCertificateLifetime: 0 } } }));
}

test("a session goes on when its certificate has ended, and the next one has its own", () =>
  withAad(async ({ azure, launcher, sshd, bastion }) => {
    azure.emulator.setSshCertificateLifetime(20);
    await using session = startInBackground([launcher.path, ...AAD, "cat"], {
      env: launcher.env,
      stdin: "piped",
    });
    const keyboard = session.stdin?.getWriter() ?? assert.fail("no stdin");
    const type = (text: string) => keyboard.write(new TextEncoder().encode(text));
    await type("before\n");
    await session.output("stdout", /^before$/m);
    const [directory = ""] = await privateDirectories(azure);
    const file = `${azure.stateDirectory}/${directory}/key-0-cert.pub`;
    const [, blob = ""] = (await Deno.readTextFile(file)).split(" ");
    const end = readSshCertificate(blob)?.expiresOn ?? assert.fail("no certificate");
    await eventually("its end", () => Date.now() > end, { within: 60_000 });
    await type("after\n");
    await session.output("stdout", /^after$/m);
    azure.emulator.setSshCertificateLifetime(3600);
    const next = await bastion([...AAD, "echo hi"]);
    assert.equal(next.stdout, "hi\n", next.stderr);
    assert.equal(sshd.log().match(/Accepted publickey/g)?.length, 2);
    await keyboard.close();
    assert.equal((await session.exit()).code, 0);
  }));
