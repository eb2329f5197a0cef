/** Commands and forwarded ports of `bastion ssh`, with either client, to a real sshd. */

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { startInBackground } from "../helpers/background_process.ts";
import { type BastionSsh, withSsh } from "../helpers/bastion_ssh.ts";
import { eventually } from "../helpers/eventually.ts";
import { randomBytes, sha256, sha256OfFile } from "../helpers/file_tree.ts";
import { freePort } from "../helpers/free_port.ts";
import { startLocalServer, writeAll } from "../helpers/local_server.ts";
import { needs } from "../helpers/needs.ts";
import { runSuccessfully } from "../helpers/run.ts";
import { sshdPrograms } from "../helpers/sshd.ts";

const openssh = needs(...sshdPrograms);
const MIB = 1024 ** 2;

/** Words that start `bastion ssh` with the key that may enter; the target is behind them. */
function wordsOf(client: string, { launcher, sshd }: BastionSsh): [string, ...string[]] {
  const key = ["-l", sshd.user, "--auth-type", "ssh-key", "-i", sshd.identityFile];
  return [launcher.path, "ssh", "--client", client, ...key];
}

async function readSome(conn: Deno.Conn): Promise<Uint8Array | undefined> {
  const buffer = new Uint8Array(64 * 1024);
  const size = await conn.read(buffer);
  return size === null ? undefined : buffer.subarray(0, size);
}

/** All that comes, to the end. */
async function readAll(conn: Deno.Conn): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for (let part = await readSome(conn); part; part = await readSome(conn)) parts.push(part);
  return Buffer.concat(parts);
}

for (const client of ["native", "builtin"]) {
  openssh.test(`${client}: exit codes, both outputs, and no terminal unless there is one here`, () =>
    withSsh(async ({ sshByKey }) => {
      const run = (...words: string[]) => sshByKey(["--client", client, ...words]);
      const { code, stdout, stderr } = await run("web1", "echo out; echo err >&2; tty; exit 7");
      assert.deepEqual({ code, stdout }, { code: 7, stdout: "out\nnot a tty\n" }, stderr);
      assert.match(stderr, /^err$/m);
      // OpenSSH has no exit code for what a signal has ended, and says nothing.
      assert.equal((await run("web1", "kill -9 $$")).code, 255);
      const forced = await run("-t", "web1", "tty");
      assert.deepEqual([forced.code, forced.stdout], [1, "not a tty\n"]);
      assert.match(forced.stderr, /stdin is not/);
      const shell = await run("web1");
      assert.deepEqual([shell.code, shell.stdout], [0, ""], "its stdin has ended");
    }));

  openssh.test(`${client}: binary stdin and stdout pass unchanged; each may end first`, () =>
    withSsh(async (way) => {
      const { azure, launcher } = way;
      const [sent, received] = [azure.file("sent"), azure.file("received")];
      await Deno.writeFile(sent, randomBytes(16 * MIB));
      const pipe = (script: string) =>
        runSuccessfully(
          ["sh", "-c", `set -e; in=$1; out=$2; shift 2; ${script}`, "sh", sent, received].concat(
            wordsOf(client, way),
            "web1",
          ) as [string, ...string[]],
          launcher,
        );
      await pipe(`"$@" cat < "$in" > "$out"`);
      assert.equal(await sha256OfFile(received), await sha256OfFile(sent));
      const { stdout } = await pipe(`"$@" 'wc -c; echo behind' < "$in"`);
      assert.match(stdout, new RegExp(`^ *${16 * MIB}\nbehind\n$`), "stdin's end went first");
      assert.equal((await pipe(`"$@" 'head -c 1; exec 0<&-' < "$in" | wc -c`)).stdout.trim(), "1");
      assert.equal((await pipe(`"$@" yes < /dev/null | head -n 1`)).stdout, "y\n");
    }));

  openssh.test(`${client}: -L: many connections at once, half-closed; -N, and SIGTERM ends it`, () =>
    withSsh(async (way) => {
      const { azure, launcher } = way;
      await using server = startLocalServer(async (conn) => {
        const bytes = await readAll(conn);
        await writeAll(conn, new TextEncoder().encode(sha256(bytes)));
        await writeAll(conn, bytes);
      });
      const ports = [freePort(), freePort()] as const;
      const forwards = [
        ...["-L", `${ports[0]}:127.0.0.1:${server.port}`],
        ...["-L", `[127.0.0.1]:${ports[1]}:localhost:${server.port}`],
      ];
      const words = wordsOf(client, way);
      await using process = startInBackground([...words, "-N", ...forwards, "web1"], {
        env: launcher.env,
      });
      const ask = async (port: number, size: number) => {
        using conn = await Deno.connect({ hostname: "127.0.0.1", port });
        const bytes = randomBytes(size);
        await writeAll(conn, bytes);
        await conn.closeWrite();
        const answer = await readAll(conn);
        assert.equal(new TextDecoder().decode(answer.subarray(0, 64)), sha256(bytes));
        assert.equal(sha256(answer.subarray(64)), sha256(bytes));
        return true;
      };
      await eventually("the forward", () => ask(ports[0], 1), { within: 30_000 });
      const sizes = Array.from({ length: 20 }, (_, i) => i % 4 === 0 ? MIB : i * 997);
      await Promise.all(sizes.map((size, i) => ask(ports[i % 2] ?? 0, size)));
      assert.equal(azure.emulator.stats().sessionsIssued, 1, "all go by one session");

      const twice = await way.sshByKey([
        ...["--client", client, "-o", "ExitOnForwardFailure=yes"].slice(
          0,
          client === "native" ? 4 : 2,
        ),
        ...[...forwards, "web1", "true"],
      ]);
      assert.equal(twice.code, 255);
      assert.match(twice.stderr, /already in use/);

      process.signal("SIGTERM");
      const { code } = await process.exit();
      // What OpenSSH's is depends on what it was doing.
      if (client === "builtin") assert.equal(code, 128 + 15);
      await assert.rejects(Deno.connect({ hostname: "127.0.0.1", port: ports[0] }));
    }));
}

for (const client of ["native", "builtin"]) {
  openssh.test(`${client}: who goes by -L still is not cut off when the command ends`, () =>
    withSsh(async (way) => {
      await using echo = startLocalServer(async (conn) => {
        for (let bytes = await readSome(conn); bytes; bytes = await readSome(conn)) {
          await writeAll(conn, bytes);
        }
      });
      const port = freePort();
      await using process = startInBackground([
        ...wordsOf(client, way),
        ...["-L", `${port}:127.0.0.1:${echo.port}`, "web1", "echo there; cat; echo last; exit 3"],
      ], { env: way.launcher.env, stdin: "piped" });
      await process.output("stdout", /there/);
      const conn = await Deno.connect({ hostname: "127.0.0.1", port });
      const answers = async () => {
        await writeAll(conn, new TextEncoder().encode("hello"));
        return new TextDecoder().decode(await readSome(conn));
      };
      assert.equal(await answers(), "hello");
      await process.stdin?.close();
      await process.output("stdout", /last/);
      assert.equal(await answers(), "hello");
      conn.close();
      assert.equal((await process.exit()).code, 3);
    }));
}

openssh.test("builtin: a forward that leads nowhere ends its connection, and no other", () =>
  withSsh(async (way) => {
    const port = freePort();
    await using process = startInBackground([
      ...wordsOf("builtin", way),
      ...["-L", `${port}:127.0.0.1:${freePort()}`, "web1", "cat"],
    ], { env: way.launcher.env, stdin: "piped" });
    const writer = process.stdin?.getWriter() ?? assert.fail("no stdin");
    await writer.write(new TextEncoder().encode("one\n"));
    await process.output("stdout", /one/);
    using conn = await Deno.connect({ hostname: "127.0.0.1", port });
    assert.equal(await conn.read(new Uint8Array(1)), null);
    await process.output("stderr", /a connection to 127\.0\.0\.1:\d+: Connection refused/);
    await writer.write(new TextEncoder().encode("two\n"));
    await writer.close();
    assert.equal((await process.exit()).code, 0);
    assert.equal(process.stdout(), "one\ntwo\n");
  }));

openssh.test("builtin: what cannot be is said before anything is opened", () =>
  withSsh(async ({ azure, ssh }) => {
    const cases: readonly (readonly [readonly string[], string])[] = [
      [["--ssh-path", "/usr/bin/ssh"], "ssh/client-twice"],
      [["-L", "nonsense"], "ssh/forward-odd"],
      [["-D", "1080"], "ssh/builtin-cannot"],
    ];
    for (const [words, code] of cases) {
      const { code: exit, stdout, stderr } = await ssh([
        ...["--json", "--client", "builtin", "-l", "ada", ...words, "web1", "true"],
      ]);
      assert.deepEqual({ exit, stdout }, { exit: 255, stdout: "" });
      assert.match(stderr, new RegExp(`"event":"error".*"code":"${code}".*"exitCode":255`));
    }
    assert.equal(azure.emulator.stats().tokenPosts, 0);
  }));
