/** `bastion ssh` with the machine's own OpenSSH, to a real sshd behind the emulator. */

import assert from "node:assert/strict";
import { type BastionLauncher, createBastionLauncher } from "../helpers/bastion_launcher.ts";
import { startInBackground } from "../helpers/background_process.ts";
import { type EmulatedAzure, withAzure } from "../helpers/emulated_azure.ts";
import { eventually } from "../helpers/eventually.ts";
import { randomBytes, sha256OfFile } from "../helpers/file_tree.ts";
import { freePort } from "../helpers/free_port.ts";
import { findLeaks } from "../helpers/leak_check.ts";
import { needs, needsThat } from "../helpers/needs.ts";
import { runProgram, type RunResult, runSuccessfully } from "../helpers/run.ts";
import {
  canHaveUsers,
  type Sshd,
  type SshdOptions,
  sshdPrograms,
  startSshd,
} from "../helpers/sshd.ts";

interface SshWay {
  readonly azure: EmulatedAzure;
  readonly launcher: BastionLauncher;
  readonly sshd: Sshd;
  /** One run of `bastion ssh` to its end. */
  ssh(args: readonly string[], stdin?: string | Uint8Array): Promise<RunResult>;
  /** The same, with the key that may enter. */
  sshByKey(args: readonly string[]): Promise<RunResult>;
}

async function withSsh(
  body: (way: SshWay) => Promise<void>,
  options: SshdOptions = {},
): Promise<void> {
  await using sshd = await startSshd(options);
  await withAzure({ ports: { 22: sshd.port } }, async (azure) => {
    const launcher = await createBastionLauncher(azure);
    const ssh: SshWay["ssh"] = async (args, stdin) => {
      const result = await runProgram([launcher.path, "ssh", ...args], {
        env: launcher.env,
        inherit: false,
        ...(stdin === undefined ? {} : { stdin }),
      });
      await noPrivateFiles(azure);
      return result;
    };
    const key = ["--auth-type", "ssh-key", "--username", sshd.user, "--ssh-key", sshd.identityFile];
    try {
      await body({
        azure,
        launcher,
        sshd,
        ssh,
        sshByKey: (args) => ssh(["-n", "hub", "-g", "net", ...key, ...args]),
      });
    } catch (error) {
      throw new Error(`${error instanceof Error ? error.message : error}\nsshd: ${sshd.log()}`, {
        cause: error,
      });
    }
    await launcher.settle();
  });
}

/** What a sign-in needs on disk is gone when the program is. */
async function noPrivateFiles({ stateDirectory }: EmulatedAzure): Promise<void> {
  await Deno.mkdir(stateDirectory, { recursive: true, mode: 0o700 });
  const left = (await Array.fromAsync(Deno.readDir(stateDirectory))).map(({ name }) => name)
    .filter((name) => name.startsWith("ssh-"));
  assert.deepEqual(left, []);
}

const openssh = needs(...sshdPrograms);

openssh.test("the documented commands: by resource id and by address, with a key", () =>
  withSsh(async ({ azure, sshByKey }) => {
    for (
      const target of [
        ["--target-resource-id", azure.vmId],
        ["--target-resource-id", azure.vmId.toUpperCase()],
        ["--target-ip-addres", "10.1.0.4"],
      ]
    ) {
      const { code, stdout, stderr } = await sshByKey([...target, "--", "echo", "hello"]);
      assert.deepEqual({ code, stdout }, { code: 0, stdout: "hello\n" }, stderr);
    }
    const keys = await Deno.readTextFile(`${azure.stateDirectory}/known_hosts`);
    const names = keys.trim().split("\n").map((line) => line.split(" ")[0]);
    // However the id is spelt it is one VM; by its address nobody can tell.
    assert.equal(new Set(names).size, 2);
    assert.equal(names[0], azure.vmId.toLowerCase());
    assert.match(names[1] ?? "", /\/bastionhosts\/hub\/10\.1\.0\.4$/);
  }));

openssh.test("by name: exit code, both outputs, and the words of a command are its own", () =>
  withSsh(async ({ sshByKey }) => {
    const failing = await sshByKey(["web1", "echo out; echo err >&2; exit 7"]);
    assert.deepEqual({ code: failing.code, stdout: failing.stdout }, { code: 7, stdout: "out\n" });
    assert.match(failing.stderr, /^err$/m);
    const words = await sshByKey(["web1", "echo", "--json", "-q", "--version", "-l", "--", "-v"]);
    assert.equal(words.stdout, "--json -q --version -l -- -v\n");
  }));

openssh.test("binary stdin and stdout pass unchanged", () =>
  withSsh(async ({ azure, launcher, sshd }) => {
    const [sent, received] = [azure.file("sent"), azure.file("received")];
    await Deno.writeFile(sent, randomBytes(8 * 1024 ** 2));
    const script = 'in=$1; out=$2; shift 2; exec "$@" cat < "$in" > "$out"';
    const words = [launcher.path, "ssh", `${sshd.user}@web1`, "-i", sshd.identityFile];
    await runSuccessfully(["sh", "-c", script, "sh", sent, received, ...words], launcher);
    assert.equal(await sha256OfFile(received), await sha256OfFile(sent));
  }));

openssh.test("--port: the way goes by a local port, and ends with ssh", () =>
  withSsh(async ({ azure, sshByKey }) => {
    const port = String(freePort());
    const { stdout, stderr } = await sshByKey(["web1", "--port", port, 'echo "$SSH_CONNECTION"']);
    assert.match(stdout, /127\.0\.0\.1/);
    assert.match(stderr, new RegExp(`connect on port ${port} `));
    assert.equal(azure.emulator.stats().outstandingSessions, 0);
    await assert.rejects(Deno.connect({ port: Number(port) }));
  }));

openssh.test("-L and -N forward; SIGTERM ends ssh, its proxy and the session", () =>
  withSsh(async ({ azure, launcher, sshd }) => {
    const port = freePort();
    await using process = startInBackground([
      launcher.path,
      ...["ssh", `${sshd.user}@web1`, "-i", sshd.identityFile, "-N"],
      ...["-L", `${port}:127.0.0.1:${sshd.port}`, "-o", "ExitOnForwardFailure=yes"],
    ], { env: launcher.env });
    const banner = await eventually("the forwarded banner", async () => {
      using conn = await Deno.connect({ hostname: "127.0.0.1", port });
      const buffer = new Uint8Array(100);
      const read = await conn.read(buffer);
      return new TextDecoder().decode(buffer.subarray(0, read ?? 0));
    }, { within: 30_000 });
    assert.match(banner, /^SSH-2\.0-/);
    process.signal("SIGTERM");
    await process.exit();
    await eventually("no session", () => azure.emulator.stats().outstandingSessions === 0);
  }));

openssh.test("host keys: taken on trust once, refused when changed, strict and off", () =>
  withSsh(async ({ azure, ssh, sshByKey }) => {
    const file = `${azure.stateDirectory}/known_hosts`;
    const strict = await sshByKey(["web1", "--host-key-check", "strict", "true"]);
    assert.equal(strict.code, 255);
    assert.match(strict.stderr, /The host key of app\/web1:22 is not known\.\n.*accept-new/s);

    const first = await sshByKey(["web1", "true"]);
    assert.equal(first.code, 0);
    assert.match(first.stderr, /Permanently added/);
    const second = await sshByKey(["web1", "--host-key-check", "strict", "true"]);
    assert.equal(second.code, 0);
    assert.doesNotMatch(second.stderr, /Permanently added/);

    const other = azure.file("other");
    await runSuccessfully(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", other]);
    const key = (await Deno.readTextFile(`${other}.pub`)).split(" ").slice(0, 2).join(" ");
    await Deno.writeTextFile(file, `${azure.vmId.toLowerCase()} ${key}\n`);
    const changed = await sshByKey(["web1", "true"]);
    assert.equal(changed.code, 255);
    const [, command = ""] = /remove the old key: (.*?)\. If not/.exec(changed.stderr) ?? [];
    assert.match(changed.stderr, /is not the one that was accepted before/);
    assert.match(command, /^ssh-keygen -R /);

    const known = azure.file("an-hour");
    const elsewhere = await sshByKey(["web1", "--known-hosts", known, "true"]);
    assert.equal(elsewhere.code, 0, elsewhere.stderr);
    assert.match(await Deno.readTextFile(known), /^\/subscriptions\//);
    const off = await sshByKey(["web1", "--host-key-check", "off", "true"]);
    assert.equal(off.code, 0, off.stderr);
    assert.match(off.stderr, /warning.*host key is not checked/);

    // The command of the hint is the remedy.
    await runSuccessfully(["sh", "-c", command]);
    assert.equal((await sshByKey(["web1", "true"])).code, 0);
    assert.equal(
      (await ssh(["web1", "-l", "nobody-here", "-o", "BatchMode=yes", "true"])).code,
      255,
    );
  }));

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
      }, { password: { value: PASSWORD, by } }),
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
    }, { password: { value: PASSWORD, by: "password" } }),
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

openssh.test("-J: by the VM to a host that it knows, whose key is another's", () =>
  withSsh(async ({ azure, sshd, sshByKey }) => {
    const words = ["-J", "web1", "-p", String(sshd.port), "localhost"];
    const { code, stdout, stderr } = await sshByKey([...words, 'echo "$SSH_CONNECTION"; exit 7']);
    assert.equal(code, 7, stderr);
    assert.match(stdout, new RegExp(` ${sshd.port}$`, "m"));
    const keys = await Deno.readTextFile(`${azure.stateDirectory}/known_hosts`);
    const names = keys.trim().split("\n").map((line) => line.split(" ")[0]);
    const vm = azure.vmId.toLowerCase();
    assert.deepEqual(names, [vm, `${vm}/localhost:${sshd.port}`]);
    assert.equal(azure.emulator.stats().sessionsIssued, 1);
    const two = await sshByKey(["-J", "web1", "localhost", "--port", "0"]);
    assert.match(two.stderr, /do not go together/);
    const id = await sshByKey(["-J", "web1", "--target-resource-id", azure.vmId]);
    assert.match(id.stderr, /as that VM knows it/);
  }));

openssh.test("a hostile name runs nothing", () =>
  withSsh(async ({ azure, ssh }) => {
    const trap = azure.file("trap");
    for (
      const word of [
        `$(touch ${trap}).bastion`,
        `-oProxyCommand=touch ${trap}`,
        `\`touch ${trap}\``,
      ]
    ) {
      for (const target of [word, `user@${word}`]) {
        assert.notEqual((await ssh([target, "true"])).code, 0);
      }
    }
    await assert.rejects(Deno.stat(trap), Deno.errors.NotFound);
  }));
