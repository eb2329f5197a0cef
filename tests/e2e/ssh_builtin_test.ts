/** `bastion ssh --client builtin`: every sign-in, right and wrong, to a real sshd. */

import assert from "node:assert/strict";
import { withAad } from "../helpers/aad_ssh.ts";
import { startInBackground } from "../helpers/background_process.ts";
import { type BastionSsh, withSsh } from "../helpers/bastion_ssh.ts";
import { denoDirectory } from "../helpers/deno_directory.ts";
import { eventually } from "../helpers/eventually.ts";
import { randomBytes, sha256OfFile } from "../helpers/file_tree.ts";
import { findLeaks } from "../helpers/leak_check.ts";
import { needs, needsThat } from "../helpers/needs.ts";
import { runSuccessfully } from "../helpers/run.ts";
import { canHaveUsers, sshdPrograms } from "../helpers/sshd.ts";
import { tempDir } from "../helpers/temp_dir.ts";

const openssh = needs(...sshdPrograms);
const withUsers = needsThat(canHaveUsers(), "way to give sshd users of its own");
const BUILT_IN = ["ssh", "web1", "--client", "builtin"];

function byKey({ sshd }: Pick<BastionSsh, "sshd">, file = sshd.identityFile): string[] {
  return [...BUILT_IN, "--auth-type", "ssh-key", "-l", sshd.user, "--ssh-key", file];
}

openssh.test("built-in, ssh-key: exit code, both outputs, and what a signal has ended", () =>
  withSsh(async (way) => {
    const run = (command: string) => way.bastion([...byKey(way), command]);
    const { code, stdout, stderr } = await run("echo out; echo err >&2; exit 7");
    assert.deepEqual({ code, stdout }, { code: 7, stdout: "out\n" }, stderr);
    assert.match(stderr, /^err$/m);
    assert.equal((await run("kill -TERM $$")).code, 255);
    const late = await run("exec >&- 2>&-; sleep 1; exit 7");
    assert.equal(late.code, 7, "a command lives longer than its outputs");
    assert.match(way.sshd.log(), /Accepted publickey/);
  }));

openssh.test("built-in: binary stdin and stdout pass unchanged", () =>
  withSsh(async (way) => {
    const [sent, received] = [way.azure.file("sent"), way.azure.file("received")];
    await Deno.writeFile(sent, randomBytes(8 * 1024 ** 2));
    const script = 'in=$1; out=$2; shift 2; exec "$@" cat < "$in" > "$out"';
    const words = [way.launcher.path, ...byKey(way)];
    await runSuccessfully(["sh", "-c", script, "sh", sent, received, ...words], way.launcher);
    assert.equal(await sha256OfFile(received), await sha256OfFile(sent));
  }));

for (const type of ["rsa", "ecdsa"]) {
  openssh.test(`built-in, ssh-key: an ${type} key enters, and one that may not does not`, () =>
    withSsh(async (way) => {
      const file = way.azure.file("key");
      await runSuccessfully(["ssh-keygen", "-q", "-t", type, "-N", "", "-f", file]);
      const refused = await way.bastion([...byKey(way, file), "true"]);
      assert.equal(refused.code, 255);
      assert.match(refused.stderr, /The VM app\/web1:22 does not let \S+ in by ssh-key\./);
      await Deno.copyFile(`${file}.pub`, `${way.sshd.identityFile}.pub`);
      const { code, stdout, stderr } = await way.bastion([...byKey(way, file), "echo in"]);
      assert.deepEqual({ code, stdout }, { code: 0, stdout: "in\n" }, stderr);
    }));
}

const PASSWORD = "pass %w0rd's $(x) \"ä\\";

for (const by of ["password", "keyboard-interactive"] as const) {
  withUsers.test(`built-in, password, of a server that asks by ${by}`, () =>
    withSsh(async ({ azure, sshd, bastion }) => {
      azure.addSecret(PASSWORD);
      const words = [...BUILT_IN, "--auth-type", "password", "-l", sshd.user];
      const secret = [...words, "--password-stdin", "--debug"];
      const good = await bastion([...secret, "cat; env"], { stdin: `${PASSWORD}\nrest\nof stdin` });
      assert.equal(good.code, 0, good.stderr);
      assert.match(good.stdout, /^rest\nof stdin/);
      assert.deepEqual(findLeaks({ ...good, code: "" }, [PASSWORD]), []);

      const wrong = await bastion([...secret, "true"], { stdin: "wrong-password\n" });
      assert.equal(wrong.code, 255);
      assert.match(wrong.stderr, /does not let .* in by password/);
      assert.deepEqual(findLeaks({ ...wrong, code: "" }, ["wrong-password"]), []);
    }, { sshd: { password: { value: PASSWORD, by } } }));
}

openssh.test("built-in, agent: the agent's keys, of every type, and no other", () =>
  withSsh(async ({ azure, launcher, sshd, bastion }) => {
    const socket = azure.file("agent");
    await using _agent = startInBackground(["ssh-agent", "-D", "-a", socket]);
    await eventually("the agent", async () => (await Deno.stat(socket)).isSocket);
    const env = { SSH_AUTH_SOCK: socket };
    const words = [...BUILT_IN, "--auth-type", "agent", "-l", sshd.user, "echo hi"];
    const empty = await bastion(words, { env });
    assert.equal(empty.code, 255);
    assert.match(empty.stderr, /does not let .* in by agent/);
    for (const type of ["rsa", "ecdsa", "ed25519"]) {
      const file = azure.file(type);
      await runSuccessfully(["ssh-keygen", "-q", "-t", type, "-N", "", "-f", file]);
      await runSuccessfully(["ssh-add", "-q", file], { env: { ...launcher.env, ...env } });
      await Deno.copyFile(`${file}.pub`, `${sshd.identityFile}.pub`);
      const { code, stdout, stderr } = await bastion(words, { env });
      assert.deepEqual({ code, stdout }, { code: 0, stdout: "hi\n" }, `${type}: ${stderr}`);
    }
  }));

const PASSPHRASE = "pass \"phrase' $(x) ä";

needs(...sshdPrograms, "script", "bash").test(
  "built-in, an encrypted key: the passphrase is asked for, and a wrong one again",
  () =>
    withSsh(async (way) => {
      const { azure, launcher, sshd, bastion } = way;
      azure.addSecret(PASSPHRASE);
      const plain = azure.file("plain");
      await Deno.copyFile(sshd.identityFile, plain);
      const set = ["-P", "", "-N", PASSPHRASE, "-f", sshd.identityFile];
      await runSuccessfully(["ssh-keygen", "-q", "-p", ...set]);
      const words = [...byKey(way), "echo in; exit 7"];

      const nobody = await bastion(words);
      assert.equal(nobody.code, 255);
      assert.match(nobody.stderr, /Passphrase of \S+identity/);

      const line = 'exec script -qec "exec ${*@Q}" /dev/null';
      await using terminal = startInBackground(
        ["bash", "-c", line, "--", launcher.path, ...words],
        { env: { ...launcher.env, SHELL: "/bin/sh" }, stdin: "piped" },
      );
      const keyboard = terminal.stdin?.getWriter() ?? assert.fail("no keyboard");
      const type = (text: string) => keyboard.write(new TextEncoder().encode(`${text}\r`));
      const asked = "Passphrase of \\S+identity";
      await terminal.output("stdout", new RegExp(asked));
      await type("wrong");
      await terminal.output("stdout", new RegExp(`That was not it\\. ${asked}`));
      await type(PASSPHRASE);
      assert.equal((await terminal.exit(60_000)).code, 7, terminal.stdout());
      assert.match(terminal.stdout(), /in\r$/m);
      assert.deepEqual(findLeaks({ screen: terminal.stdout() }, [PASSPHRASE]), []);
      await keyboard.close().catch(() => {});

      const socket = azure.file("agent");
      await using _agent = startInBackground(["ssh-agent", "-D", "-a", socket]);
      await eventually("the agent", async () => (await Deno.stat(socket)).isSocket);
      const env = { SSH_AUTH_SOCK: socket };
      await runSuccessfully(["ssh-add", "-q", plain], { env: { ...launcher.env, ...env } });
      const { code, stdout } = await bastion(words, { env });
      assert.deepEqual({ code, stdout }, { code: 7, stdout: "in\n" }, "the agent has that key");
    }),
);

openssh.test("built-in, without a sign-in: the key that is named, or the usual ones", () =>
  withSsh(async ({ azure, sshd, bastion }) => {
    const words = [...BUILT_IN, "-l", sshd.user];
    // Another home is another cache of Deno's, for which all would be fetched anew.
    const env = { HOME: azure.file("home"), DENO_DIR: await denoDirectory() };
    const nothing = await bastion([...words, "true"], { env });
    assert.equal(nothing.code, 255);
    assert.match(nothing.stderr, /does not let \S+ in by agent, key or password\./);
    const named = await bastion([...words, "-i", sshd.identityFile, "echo in"]);
    assert.deepEqual({ code: named.code, stdout: named.stdout }, { code: 0, stdout: "in\n" });
    await Deno.mkdir(azure.file("home", ".ssh"), { recursive: true, mode: 0o700 });
    await Deno.copyFile(sshd.identityFile, azure.file("home", ".ssh", "id_ed25519"));
    const usual = await bastion([...words, "echo in"], { env });
    assert.deepEqual({ code: usual.code, stdout: usual.stdout }, { code: 0, stdout: "in\n" });
  }));

const AAD = [...BUILT_IN, "--auth-type", "aad"];

withUsers.test("built-in, aad: Entra's certificate enters, and nothing is left on disk", () =>
  withAad(async ({ sshd, bastion }) => {
    const { code, stdout, stderr } = await bastion([...AAD, "echo hi; exit 7"]);
    assert.deepEqual({ code, stdout }, { code: 7, stdout: "hi\n" }, stderr);
    assert.match(sshd.log(), /Accepted publickey for .* RSA-CERT/);
  }));

withUsers.test("built-in, aad: an unknown authority, by role and extension", async () => {
  await using directory = await tempDir();
  const file = directory.file("ca");
  await runSuccessfully(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", file]);
  const authority = (await Deno.readTextFile(`${file}.pub`)).trim();
  await withAad(async ({ bastion }) => {
    const { code, stderr } = await bastion([...AAD, "true"]);
    assert.equal(code, 255);
    assert.match(stderr, /Virtual Machine .*User Login.*AADSSHLoginForLinux/s);
  }, { authority });
});

withUsers.test("built-in, ssh-key: the certificate beside the key is shown, of every type", async () => {
  await using directory = await tempDir();
  const authority = directory.file("ca");
  await runSuccessfully(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", authority]);
  const certificates = {
    authority: (await Deno.readTextFile(`${authority}.pub`)).trim(),
    user: "ada",
  };
  await withSsh(async ({ sshd, bastion }) => {
    for (const type of ["rsa", "ed25519", "ecdsa"]) {
      const file = directory.file(type);
      await runSuccessfully(["ssh-keygen", "-q", "-t", type, "-N", "", "-f", file]);
      const signing = ["-q", "-s", authority, "-I", type, "-n", "ada", "-V", "+1h"];
      await runSuccessfully(["ssh-keygen", ...signing, `${file}.pub`]);
      const key = ["--auth-type", "ssh-key", "-l", "ada", "--ssh-key", file];
      const { code, stdout, stderr } = await bastion([...BUILT_IN, ...key, "echo in"]);
      assert.deepEqual({ code, stdout }, { code: 0, stdout: "in\n" }, `${type}: ${stderr}`);
    }
    assert.match(sshd.log(), /RSA-CERT.*ED25519-CERT.*ECDSA-CERT/s);
  }, { sshd: { certificates } });
});

openssh.test("built-in: what only OpenSSH can do is refused before anything is opened", () =>
  withSsh(async (way) => {
    const cases = [
      ["--port", "0"],
      ["-o", "LogLevel=DEBUG"],
      ["-R", "1:h:2"],
      ["-D", "1080"],
      ["--", "-v"],
    ];
    for (const words of cases) {
      const { code, stderr } = await way.bastion([...byKey(way), "--json", ...words]);
      assert.equal(code, 255);
      assert.match(stderr, /"code":"ssh\/builtin-cannot".*Install OpenSSH/, words.join(" "));
    }
    assert.equal(way.azure.emulator.stats().tokenPosts, 0);
  }));
