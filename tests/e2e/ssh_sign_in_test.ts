/** `bastion ssh`: the VM sign-ins on the machine's own OpenSSH, right and wrong, to a real sshd. */

import assert from "node:assert/strict";
import { startInBackground } from "../helpers/background_process.ts";
import { type BastionSsh, withSsh } from "../helpers/bastion_ssh.ts";
import { eventually } from "../helpers/eventually.ts";
import { findProgram } from "../helpers/find_program.ts";
import { findLeaks } from "../helpers/leak_check.ts";
import { needs, needsThat } from "../helpers/needs.ts";
import { runProgram, runSuccessfully } from "../helpers/run.ts";
import { canHaveUsers, sshdPrograms } from "../helpers/sshd.ts";

const openssh = needs(...sshdPrograms);

openssh.test("--auth-type agent: the agent's key, and no other", () =>
  withSsh(async ({ azure, launcher, sshd, ssh }) => {
    const missing = await ssh(["web1", "--auth-type", "agent", "-l", sshd.user, "true"]);
    assert.equal(missing.code, 255);
    assert.match(missing.stderr, /No ssh agent is running/);
    const socket = azure.file("agent");
    await using _agent = startInBackground(["ssh-agent", "-D", "-a", socket]);
    await eventually("the agent", async () => (await Deno.stat(socket)).isSocket);
    const env = { ...launcher.env, SSH_AUTH_SOCK: socket };
    const run = () =>
      runProgram(
        [launcher.path, "ssh", "web1", "--auth-type", "agent", "-l", sshd.user, "echo hi"],
        { env, inherit: false },
      );
    const empty = await run();
    assert.equal(empty.code, 255);
    assert.match(empty.stderr, /does not let .* in by agent/);
    await runSuccessfully(["ssh-add", "-q", sshd.identityFile], { env });
    const { code, stdout, stderr } = await run();
    assert.deepEqual({ code, stdout }, { code: 0, stdout: "hi\n" }, stderr);
  }));

const PASSWORD = "pass %w0rd's $(x) \"ä\\";

for (const by of ["password", "keyboard-interactive"] as const) {
  needsThat(canHaveUsers(), "way to give sshd users of its own").test(
    `--auth-type password, of a server that asks by ${by}`,
    () =>
      withSsh(async ({ azure, sshd, ssh }) => {
        azure.addSecret(PASSWORD);
        const words = ["web1", "--username", sshd.user, "--auth-type", "password"];
        const secret = [...words, "--password-stdin", "--debug"];
        const good = await ssh([...secret, "cat; env"], `${PASSWORD}\nrest\nof stdin`);
        assert.equal(good.code, 0, good.stderr);
        assert.match(good.stdout, /^rest\nof stdin/, "what follows the password is the command's");
        assert.deepEqual(findLeaks({ ...good, code: "" }, [PASSWORD]), []);

        const wrong = await ssh([...secret, "true"], "wrong-password\n");
        assert.equal(wrong.code, 255);
        assert.match(wrong.stderr, /does not let .* in by password/);
        assert.deepEqual(findLeaks({ ...wrong, code: "" }, ["wrong-password"]), []);

        const nobody = await ssh([...words, "true"]);
        assert.equal(nobody.code, 255);
        assert.match(nobody.stderr, /--password-stdin/);
      }, { sshd: { password: { value: PASSWORD, by } } }),
  );
}

needsThat(canHaveUsers(), "way to give sshd users of its own").test(
  "-J: the VM in between does not get the last host's password",
  () =>
    withSsh(async ({ azure, sshd, ssh }) => {
      azure.addSecret(PASSWORD);
      const user = ["--username", sshd.user, "--password-stdin"];
      const { code } = await ssh(
        ["-J", "web1", "-p", String(sshd.port), "localhost", ...user, "true"],
        `${PASSWORD}\n`,
      );
      assert.equal(code, 255);
      const keys = await Deno.readTextFile(`${azure.stateDirectory}/known_hosts`);
      assert.equal(keys.trim().split(" ")[0], azure.vmId.toLowerCase(), "the way ends at the VM");
      assert.doesNotMatch(sshd.log(), /Accepted/);
    }, { sshd: { password: { value: PASSWORD, by: "password" } } }),
);

openssh.test("what is wrong with a sign-in is said before anything is opened", () =>
  withSsh(async ({ azure, sshd, ssh }) => {
    const odd = azure.file("odd");
    await Deno.writeTextFile(odd, "PuTTY-User-Key-File-3: ssh-ed25519\n", { mode: 0o600 });
    const open = azure.file("open");
    await Deno.copyFile(sshd.identityFile, open);
    await Deno.chmod(open, 0o644);
    const user = ["--username", sshd.user];
    const key = (file: string) => ["--auth-type", "ssh-key", ...user, "--ssh-key", file];
    const cases: readonly (readonly [readonly string[], string, RegExp])[] = [
      [["--auth-type", "ssh-key"], "sign-in-user-missing", /--username/],
      [["--auth-type", "password"], "sign-in-user-missing", /--username/],
      [["--auth-type", "ssh-key", ...user], "sign-in-key-missing", /--ssh-key FILE/],
      [key("missing"), "key-file-not-found", /missing/],
      [key(azure.file(".")), "key-file-directory", /is a directory/],
      [key(`${sshd.identityFile}.pub`), "key-file-public", /as a rule: .*\/identity"/],
      [key(odd), "key-file-putty", /puttygen/],
      [key(open), "key-file-open", /mode is 0644.*chmod 600/],
      [key("/etc/passwd"), "key-file-unknown", /is not a private key/],
      [key("https://v.vault.test/secrets/k/1"), "key-file-vault", /--vault-name v --name k/],
      [["-l=-oProxyCommand=x"], "ssh/user-odd", /cannot be a user's name/],
      [["-l", "a b"], "ssh/user-odd", /cannot be a user's name/],
      [["-l", "a", "--ssh-path", "/nonexistent"], "command-not-found", /\/nonexistent/],
      [["--password-stdin", ...key("k")], "ssh/password-stdin-useless", /ssh-key/],
      [["--password-stdin", "-l", "a"], "ssh/password-stdin-empty", /first line is empty/],
    ];
    for (const [args, code, said] of cases) {
      const { code: exit, stdout, stderr } = await ssh(["web1", "--json", ...args]);
      assert.deepEqual({ exit, stdout }, { exit: 255, stdout: "" }, args.join(" "));
      assert.match(stderr, new RegExp(`"event":"error".*"code":"${code}".*"exitCode":255`));
      assert.match(stderr, said, args.join(" "));
    }
    assert.equal(azure.emulator.stats().tokenPosts, 0);
  }));

openssh.test("a key that may not enter, and a VM that says so", () =>
  withSsh(async ({ azure, sshd, ssh }) => {
    const other = azure.file("other");
    await runSuccessfully(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", other]);
    const words = ["web1", "--auth-type", "ssh-key", "-l", sshd.user, "--ssh-key", other];
    const { code, stdout, stderr } = await ssh([...words, "echo in"]);
    assert.deepEqual({ code, stdout }, { code: 255, stdout: "" });
    assert.match(stderr, /The VM app\/web1:22 does not let \S+ in by ssh-key\./);
    assert.doesNotMatch(sshd.log(), /Accepted/);
  }));

const PASSPHRASE = "pass \"phrase' $(x) ä";

/** Encrypts the key that may enter. */
async function encryptKey(file: string): Promise<void> {
  await runSuccessfully(["ssh-keygen", "-q", "-p", "-P", "", "-N", PASSPHRASE, "-f", file]);
}

/** `bastion ssh` with these words, on a terminal of its own, where this is typed in turn. */
async function onTerminal(
  { launcher }: BastionSsh,
  words: readonly string[],
  dialogue: readonly (readonly [shown: RegExp, typed: string])[],
): Promise<{ readonly code: number; readonly screen: string }> {
  const line = 'exec script -qec "exec ${*@Q}" /dev/null';
  await using terminal = startInBackground(
    ["bash", "-c", line, "--", launcher.path, "ssh", ...words],
    { env: { ...launcher.env, SHELL: "/bin/sh", TERM: "xterm" }, stdin: "piped" },
  );
  const keyboard = terminal.stdin?.getWriter() ?? assert.fail("no keyboard");
  for (const [shown, typed] of dialogue) {
    await terminal.output("stdout", shown, 60_000);
    await keyboard.write(new TextEncoder().encode(`${typed}\r`));
  }
  const { code } = await terminal.exit(60_000);
  await keyboard.close().catch(() => {});
  return { code, screen: terminal.stdout() };
}

needs(...sshdPrograms, "script", "bash").test(
  "an encrypted key: the passphrase is asked for on the terminal, and wrong ones again",
  () =>
    withSsh(async (way) => {
      const { azure, sshd } = way;
      azure.addSecret(PASSPHRASE);
      await encryptKey(sshd.identityFile);
      const words = ["--auth-type", "ssh-key", "-l", sshd.user, "--ssh-key", sshd.identityFile];
      const asked = "Enter passphrase for key '[^']*identity':";
      const { code, screen } = await onTerminal(way, ["web1", ...words, "echo in; exit 7"], [
        [new RegExp(asked), "wrong"],
        [new RegExp(`${asked}.*${asked}`, "s"), PASSPHRASE],
      ]);
      assert.equal(code, 7);
      assert.match(screen, /^in\r$/m);
      assert.deepEqual(findLeaks({ screen }, [PASSPHRASE]), []);
    }),
);

needsThat(canHaveUsers() && findProgram("script") !== undefined, "users of sshd's own, or script")
  .test(
    "the documented password command: asked for on the terminal, without an echo",
    () =>
      withSsh(async (way) => {
        const { azure, sshd } = way;
        azure.addSecret(PASSWORD);
        const { code, screen } = await onTerminal(way, [
          ...["--name", "hub", "--resource-group", "net", "--target-resource-id", azure.vmId],
          ...["--auth-type", "password", "--username", sshd.user, "--", "echo in; exit 7"],
        ], [[/assword/, PASSWORD]]);
        assert.equal(code, 7, screen);
        assert.match(screen, /^in\r$/m);
        assert.deepEqual(findLeaks({ screen }, [PASSWORD]), []);
      }, { sshd: { password: { value: PASSWORD, by: "password" } } }),
  );

openssh.test("an encrypted key: where nobody can be asked, ssh is refused, and nothing hangs", () =>
  withSsh(async ({ sshd, sshByKey }) => {
    await encryptKey(sshd.identityFile);
    const { code, stderr } = await sshByKey(["web1", "-o", "BatchMode=yes", "true"]);
    assert.equal(code, 255);
    assert.match(stderr, /does not let \S+ in by ssh-key/);
  }));

openssh.test("an encrypted key that the agent has: nobody is asked", () =>
  withSsh(async ({ azure, launcher, sshd, bastion }) => {
    azure.addSecret(PASSPHRASE);
    const socket = azure.file("agent");
    await using _agent = startInBackground(["ssh-agent", "-D", "-a", socket]);
    await eventually("the agent", async () => (await Deno.stat(socket)).isSocket);
    const env = { SSH_AUTH_SOCK: socket };
    const plain = azure.file("plain");
    await Deno.copyFile(sshd.identityFile, plain);
    await encryptKey(sshd.identityFile);
    await runSuccessfully(["ssh-add", "-q", plain], { env: { ...launcher.env, ...env } });
    await Deno.remove(plain);
    const key = ["--auth-type", "ssh-key", "--ssh-key", sshd.identityFile];
    for (const signIn of [["--auth-type", "agent"], key]) {
      const words = ["ssh", "web1", "-l", sshd.user, ...signIn, "echo in"];
      const { code, stdout, stderr } = await bastion(words, { env });
      assert.deepEqual({ code, stdout }, { code: 0, stdout: "in\n" }, stderr);
    }
  }));
