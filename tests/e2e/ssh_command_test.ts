/** `bastion ssh` with the machine's own OpenSSH, to a real sshd behind the emulator. */

import assert from "node:assert/strict";
import { startInBackground } from "../helpers/background_process.ts";
import { withSsh } from "../helpers/bastion_ssh.ts";
import { eventually } from "../helpers/eventually.ts";
import { randomBytes, sha256OfFile } from "../helpers/file_tree.ts";
import { freePort } from "../helpers/free_port.ts";
import { needs } from "../helpers/needs.ts";
import { runSuccessfully } from "../helpers/run.ts";
import { sshdPrograms } from "../helpers/sshd.ts";

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
