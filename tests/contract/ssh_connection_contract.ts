/**
 * What a session of the service `ssh` promises, whichever client is behind it, against a real sshd.
 */

import assert from "node:assert/strict";
import type { Sftp, SshChannel, SshExit, SshSession, SshSessionRequest } from "../../core/mod.ts";
import { readSource, textOfSource, writeToStream } from "../helpers/byte_source.ts";
import { eventually } from "../helpers/eventually.ts";
import { randomBytes, sha256, sha256OfFile } from "../helpers/file_tree.ts";
import { startLocalServer } from "../helpers/local_server.ts";
import { type SshService, type SshServiceOptions, withSshService } from "../helpers/ssh_service.ts";

export interface SshClientCase {
  readonly request: Partial<SshSessionRequest>;
  readonly service?: SshServiceOptions;
  /** How a test is registered. */
  readonly test: (name: string, body: () => Promise<void>) => void;
  /** What a signal that has ended a command is told as. */
  readonly signal: string;
}

interface OpenSession extends SshService {
  readonly session: SshSession;
}

const MIB = 1024 ** 2;

export function sshConnectionContract(
  name: string,
  { request, service: options, signal, test }: SshClientCase,
): void {
  const contract = (what: string, body: (open: OpenSession) => Promise<void>) =>
    test(`${name}: ${what}`, () =>
      withSshService(async (service) => {
        await using session = await service.open(request);
        await body({ ...service, session });
      }, options));
  const withSftp = (what: string, body: (sftp: Sftp, open: OpenSession) => Promise<void>) =>
    contract(what, async (open) => {
      await using sftp = await open.session.openSftp();
      await body(sftp, open);
    });

  contract("a command's exit code, or the signal that has ended it", async ({ session }) => {
    const cases: [command: string, exit: SshExit][] = [
      ["exit 0", { code: 0 }],
      ["exit 7", { code: 7 }],
      // As OpenSSH itself ends where there is no session.
      ["exit 255", { code: 255 }],
      ["kill -TERM $$", { signal }],
    ];
    for (const [command, exit] of cases) {
      const channel = await session.exec(command);
      assert.deepEqual(await textsOf(channel), ["", ""]);
      assert.deepEqual(await channel.ended, exit, command);
    }
  });

  contract("both outputs, apart; options and quotes are the command's", async ({ session }) => {
    const channel = await session.exec("printf '%s' '-v \"a  b\" $HOME'; echo err >&2");
    assert.deepEqual(await textsOf(channel), ['-v "a  b" $HOME', "err\n"]);
    assert.deepEqual(await channel.ended, { code: 0 });
  });

  contract("8 MiB of any bytes pass both ways unchanged; the input's end is told", async (open) => {
    const sent = randomBytes(8 * MIB);
    const channel = await open.session.exec("cat; echo done >&2");
    const writing = writeToStream(channel, sent).then(() => channel.closeWrite());
    const [received, stderr] = await Promise.all([
      readSource(channel),
      textOfSource(channel.stderr),
    ]);
    await writing;
    assert.deepEqual([sha256(received), stderr], [sha256(sent), "done\n"]);
    assert.deepEqual(await channel.ended, { code: 0 });
  });

  contract("a reader that is slow holds the command up", async ({ session }) => {
    const channel = await session.exec("head -c 300000000 /dev/zero; echo over >&2");
    let over = false;
    const stderr = textOfSource(channel.stderr).then((text) => over = text === "over\n");
    const buffer = new Uint8Array(64 * 1024);
    for (let i = 0; i < 10; i++) assert.ok(await channel.read(buffer));
    assert.equal(over, false);
    channel.close();
    await stderr;
    await channel.ended.catch(() => {});
  });

  contract("a command that ends before it has read its input", async ({ session }) => {
    const channel = await session.exec("exit 3");
    const writing = writeToStream(channel, new Uint8Array(8 * MIB)).then(() => {}, () => {});
    assert.deepEqual(await textsOf(channel), ["", ""]);
    assert.deepEqual(await channel.ended, { code: 3 });
    await writing;
  });

  contract("channels at once do not wait for each other", async ({ session }) => {
    const slow = await session.exec("cat");
    const texts = await Promise.all([1, 2, 3, 4].map(async (n) => {
      const channel = await session.exec(`echo ${n}`);
      return (await textsOf(channel))[0];
    }));
    assert.deepEqual(texts, ["1\n", "2\n", "3\n", "4\n"]);
    await slow.closeWrite();
    assert.deepEqual(await textsOf(slow), ["", ""]);
  });

  contract("a port that the VM reaches; its end is told after ours", async ({ session }) => {
    await using server = startLocalServer(async (conn) => {
      const all = await new Response(conn.readable).bytes();
      // Its readable side is closed with it: the answer goes another way.
      answers.push(sha256(all));
    });
    const answers: string[] = [];
    const sent = randomBytes(2 * MIB);
    const stream = await session.forward("127.0.0.1", server.port);
    await writeToStream(stream, sent);
    await stream.closeWrite();
    assert.equal(await textOfSource(stream), "");
    await eventually("the end at the server", () => answers.length === 1);
    assert.deepEqual(answers, [sha256(sent)]);
    stream.close();
  });

  contract("a port answers, and what is cut by half says it to the end", async ({ session }) => {
    const answer = randomBytes(2 * MIB);
    await using server = startLocalServer(async (conn) => {
      const buffer = new Uint8Array(100);
      // It speaks only when our side has ended.
      while (await conn.read(buffer) !== null);
      for (let at = 0; at < answer.length;) at += await conn.write(answer.subarray(at));
    });
    const stream = await session.forward("127.0.0.1", server.port);
    await writeToStream(stream, new TextEncoder().encode("hello"));
    await stream.closeWrite();
    assert.equal(sha256(await readSource(stream)), sha256(answer));
    stream.close();
  });

  contract("a port that nobody listens on fails, with the reason", async ({ session }) => {
    await assert.rejects(
      async () => {
        const stream = await session.forward("127.0.0.1", 1);
        await stream.read(new Uint8Array(1));
      },
      { code: "ssh/request-refused", message: /a connection to 127\.0\.0\.1:1: / },
    );
    const channel = await session.exec("echo still here");
    assert.deepEqual(await textsOf(channel), ["still here\n", ""]);
  });

  contract("a session that is closed ends what runs in it", async ({ session }) => {
    const channel = await session.exec("echo $$; exec cat");
    const buffer = new Uint8Array(20);
    const size = await channel.read(buffer);
    const pid = Number(new TextDecoder().decode(buffer.subarray(0, size ?? 0)));
    const ended = channel.ended.then(() => "ended", () => "ended");
    const reading = channel.read(new Uint8Array(1)).catch(() => null);
    await session.close();
    assert.equal(await ended, "ended");
    assert.equal(await reading, null);
    await assert.rejects(async () => {
      const late = await session.exec("true");
      await late.ended;
    });
    await eventually("the command's end", () => !isAlive(pid));
  });

  test(`${name}: an abort ends the session`, () =>
    withSshService(async ({ open }) => {
      const stop = new AbortController();
      await using session = await open({ ...request, signal: stop.signal });
      const channel = await session.exec("cat");
      const ended = channel.ended.then(() => "ended", () => "ended");
      stop.abort();
      assert.equal(await ended, "ended");
      await assert.rejects(open({ ...request, signal: stop.signal }));
    }, options));

  test(`${name}: a tunnel that is lost is an error with the reason`, () =>
    withSshService(async ({ open, azure }) => {
      azure.emulator.setFaults([
        { at: "stream", kind: "close", code: 1011, reason: "gone", afterBytes: 3 * MIB },
      ]);
      await using session = await open(request);
      const channel = await session.exec("cat /dev/zero");
      const lost = { message: /1011|gone|closed/ };
      await assert.rejects(readSource(channel), lost);
      await assert.rejects(channel.ended, lost);
    }, options));

  withSftp("files: written, found, changed, renamed over, removed", async (sftp, { azure }) => {
    const directory = azure.file("files");
    await sftp.makeDirectory(directory);
    const path = `${directory}/a b é`;
    {
      await using file = await sftp.open(path, "create");
      await file.write(new TextEncoder().encode("hello world"), 0);
      await file.setAttributes({ mode: 0o600 });
      await assert.rejects(sftp.open(path, "create"), { code: "ssh/sftp-failed" });
    }
    assert.equal(await Deno.readTextFile(path), "hello world");
    await sftp.setAttributes(path, { modified: 1_000_000_000_000, size: 5, mode: 0o640 });
    const { accessed: _accessed, ...found } = await sftp.stat(path);
    assert.deepEqual(found, { kind: "file", size: 5, mode: 0o640, modified: 1_000_000_000_000 });
    {
      await using file = await sftp.open(path, "resume");
      await file.write(new TextEncoder().encode("!!"), 4);
    }
    assert.equal(await Deno.readTextFile(path), "hell!!");

    await Deno.writeTextFile(`${directory}/other`, "old");
    await sftp.rename(path, `${directory}/other`);
    assert.equal(await Deno.readTextFile(`${directory}/other`), "hell!!");

    await sftp.makeLink(`${directory}/link`, "other");
    assert.equal(await Deno.readLink(`${directory}/link`), "other");
    assert.equal(await sftp.readLink(`${directory}/link`), "other");
    assert.equal((await sftp.lstat(`${directory}/link`)).kind, "link");
    assert.equal((await sftp.stat(`${directory}/link`)).kind, "file");
    assert.equal(
      await sftp.realPath(`${directory}/./link`),
      `${await Deno.realPath(directory)}/other`,
    );
    assert.deepEqual((await sftp.list(directory)).map(({ name }) => name).sort(), [
      "link",
      "other",
    ]);

    {
      await using file = await sftp.open(`${directory}/other`, "write");
      await file.write(new Uint8Array(), 0);
    }
    assert.equal((await sftp.stat(`${directory}/other`)).size, 0);
    await assert.rejects(sftp.removeDirectory(directory), { code: "ssh/sftp-failed" });
    await sftp.remove(`${directory}/link`);
    await sftp.remove(`${directory}/other`);
    await sftp.removeDirectory(directory);
    await assert.rejects(Deno.stat(directory), Deno.errors.NotFound);
  });

  withSftp("what cannot be is refused with the server's reason", async (sftp, { azure }) => {
    const missing = { code: "ssh/sftp-not-found", message: /cannot .* \/no such.*: No such file/ };
    await assert.rejects(sftp.stat("/no such/file"), missing);
    await assert.rejects(sftp.open("/no such/file", "read"), missing);
    await assert.rejects(sftp.list("/no such/file"), missing);
    await assert.rejects(sftp.rename("/no such/a", azure.file("b")), missing);
    // Nobody may write there; on Linux root neither.
    const path = Deno.build.os === "linux" ? "/proc/sys/kernel/ostype" : "/etc/passwd";
    await assert.rejects(sftp.open(path, "write"), {
      code: "ssh/sftp-denied",
      message: new RegExp(`may not open ${path}: Permission denied$`),
    });
    assert.equal((await sftp.stat("/")).kind, "directory", "it works on");
  });

  withSftp("a directory of 2000 entries", async (sftp, { azure }) => {
    const directory = azure.file("many");
    await Deno.mkdir(directory);
    const names = Array.from({ length: 2000 }, (_, n) => `file ${n}`);
    for (const each of names) Deno.writeTextFileSync(`${directory}/${each}`, "x");
    const entries = await sftp.list(directory);
    assert.deepEqual(entries.map(({ name: each }) => each).sort(), names.sort());
    assert.ok(entries.every(({ attributes }) => attributes.size === 1));
  });

  withSftp(
    "32 MiB up and down, several at once, in pieces of any size",
    async (sftp, { azure }) => {
      const size = 32 * MIB + 12345;
      const sent = randomBytes(size);
      const path = azure.file("big");
      const piece = 300_000;
      const starts = Array.from({ length: Math.ceil(size / piece) }, (_, n) => n * piece);
      {
        await using file = await sftp.open(path, "write");
        await each(starts, 8, (at) => file.write(sent.subarray(at, at + piece), at));
      }
      assert.equal(await sha256OfFile(path), sha256(sent));
      const received = new Uint8Array(size);
      await using file = await sftp.open(path, "read");
      await each(starts, 8, async (start) => {
        const end = Math.min(start + piece, size);
        for (let at = start; at < end;) {
          const got = await file.read(received.subarray(at, end), at);
          assert.ok(got, `bytes at ${at}`);
          at += got;
        }
      });
      assert.equal(sha256(received), sha256(sent));
      assert.equal(await file.read(new Uint8Array(10), size), null);
      assert.equal(await file.read(new Uint8Array(10), size - 4), 4);
    },
  );
}

/** Runs `work` for each, so many at once. */
async function each<Item>(
  items: readonly Item[],
  atOnce: number,
  work: (item: Item) => Promise<void>,
): Promise<void> {
  const left = [...items];
  const worker = async () => {
    for (let item = left.shift(); item !== undefined; item = left.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
}

function isAlive(pid: number): boolean {
  try {
    // What it does to a process that runs is nothing.
    Deno.kill(pid, "SIGCONT");
    return true;
  } catch {
    return false;
  }
}

async function textsOf(channel: SshChannel): Promise<[stdout: string, stderr: string]> {
  return await Promise.all([textOfSource(channel), textOfSource(channel.stderr)]);
}
