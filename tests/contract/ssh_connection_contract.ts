/**
 * What a session of the service `ssh` promises, whichever client is behind it, against a real sshd.
 */

import assert from "node:assert/strict";
import type { SshChannel, SshExit, SshSession, SshSessionRequest } from "../../core/mod.ts";
import { readSource, textOfSource, writeToStream } from "../helpers/byte_source.ts";
import { eventually } from "../helpers/eventually.ts";
import { randomBytes, sha256 } from "../helpers/file_tree.ts";
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
      const lost = { message: /WebSocket close 1011: gone/ };
      await assert.rejects(readSource(channel), lost);
      await assert.rejects(channel.ended, lost);
    }, options));
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
