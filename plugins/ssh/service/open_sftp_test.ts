import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import fc from "fast-check";
import { systemClock } from "../../../core/clock.ts";
import type { ByteStream, Clock, Sftp } from "../../../core/mod.ts";
import { createManualClock } from "../../../core/testing/manual_clock.ts";
import { sshString } from "../ssh_signature.ts";
import { openSftp } from "./open_sftp.ts";

/** What the server says to a packet: type, id, and what follows; its bytes, as they stand. */
type Answer = (type: number, id: Buffer, body: Buffer) => Uint8Array | "end" | Error;

const VERSION = packet(2, Buffer.of(0, 0, 0, 3));

function packet(type: number, ...parts: Uint8Array[]): Buffer {
  return sshString(Buffer.concat([Buffer.of(type), ...parts]));
}
const number = (value: number) => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
};
const status = (id: Buffer, code: number, message = "") =>
  packet(101, id, number(code), sshString(message), sshString(""));
const handle = (id: Buffer) => packet(102, id, sshString("h"));

const OPEN = 3;
const READ = 5;
const READDIR = 12;

/** A server that answers packet by packet. */
function serverOf(answer: Answer, first: Uint8Array = VERSION): ByteStream {
  const said: (Uint8Array | "end" | Error)[] = [];
  let heard = Buffer.alloc(0);
  let wake = () => {};
  let closed = false;
  let greeted = false;
  const say = (what: Uint8Array | "end" | Error) => {
    said.push(what);
    wake();
  };
  return {
    async read(into) {
      for (;;) {
        const next = said[0];
        if (closed) return null;
        if (next === "end") return null;
        if (next instanceof Error) throw next;
        if (next) {
          const size = Math.min(next.length, into.length);
          into.set(next.subarray(0, size));
          if (size === next.length) said.shift();
          else said[0] = next.subarray(size);
          return size;
        }
        await new Promise<void>((resolve) => wake = resolve);
      }
    },
    write(bytes) {
      heard = Buffer.concat([heard, bytes]);
      while (heard.length >= 4 && heard.length >= 4 + heard.readUInt32BE()) {
        const one = heard.subarray(4, 4 + heard.readUInt32BE());
        heard = heard.subarray(4 + one.length);
        if (!greeted) say(first);
        else say(answer(one[0] ?? 0, one.subarray(1, 5), one.subarray(5)));
        greeted = true;
      }
      return Promise.resolve(bytes.length);
    },
    closeWrite: () => Promise.resolve(),
    close() {
      closed = true;
      wake();
    },
  };
}

const ctxWith = (clock: Clock) => ({
  clock,
  error: (code: string, params: Readonly<Record<string, string | number>> = {}) =>
    Object.assign(new Error(Object.values(params).join(" ")), { code }),
});

function open(answer: Answer, first?: Uint8Array): Promise<Sftp> {
  return openSftp(serverOf(answer, first), "web1", ctxWith(systemClock));
}

const broken = (message: RegExp) => ({ code: "ssh/sftp-broken", message });

Deno.test("openSftp: what is no SFTP server is told at once", async () => {
  const cases: [first: Uint8Array, message: RegExp][] = [
    [Buffer.from("Welcome to web1!\n"), /exceeds max length/],
    [Buffer.from([0xff, 0xff, 0xff, 0xff, 2]), /./],
    [Buffer.from([0x80, 0, 0, 0, 2, 0, 0, 0, 3]), /./],
    [Buffer.from([0, 0, 0, 0]), /Invalid packet length/],
    [packet(2, number(2)), /version 2/],
    [packet(2), /Malformed VERSION/],
    [packet(101, number(0), number(0)), /Expected VERSION/],
    [packet(99), /Unknown packet type/],
  ];
  for (const [first, message] of cases) {
    await assert.rejects(open(() => "end", first), broken(message), message.source);
  }
});

Deno.test("openSftp: one that never answers is given up", async () => {
  const clock = createManualClock();
  const silent = serverOf(() => "end", new Uint8Array());
  const opening = openSftp(silent, "web1", ctxWith(clock));
  const refused = assert.rejects(opening, broken(/not answered within 30 s/));
  await clock.advance(30_000);
  await refused;
  assert.equal(clock.pending, 0);
});

Deno.test("openSftp: why the stream was lost is what every request ends with", async () => {
  await using sftp = await open((type) =>
    type === OPEN ? new Uint8Array() : new Error("lost: 1011")
  );
  const waiting = assert.rejects(sftp.open("/a", "read"), { message: "lost: 1011" });
  await assert.rejects(sftp.stat("/b"), { message: "lost: 1011" });
  await waiting;
  await assert.rejects(sftp.list("/c"), { message: "lost: 1011" });
  await using ended = await open(() => "end");
  await assert.rejects(ended.stat("/b"), broken(/ended the session/));
});

Deno.test("openSftp: a refusal has its code, path and the server's reason", async () => {
  const cases: [status: number, code: string][] = [
    [2, "ssh/sftp-not-found"],
    [3, "ssh/sftp-denied"],
    [4, "ssh/sftp-failed"],
    [8, "ssh/sftp-unsupported"],
    [1, "ssh/sftp-failed"],
    [4_000_000_000, "ssh/sftp-failed"],
  ];
  for (const [number, code] of cases) {
    await using sftp = await open((_type, id) =>
      status(id, number, `because ${"x".repeat(9999)}.`)
    );
    await assert.rejects(sftp.remove("/a"), (error: Error & { code?: string }) => {
      assert.equal(error.code, code);
      assert.match(error.message, /^web1 remove \/a because x+$/);
      assert.ok(error.message.length < 400);
      return true;
    });
  }
});

Deno.test("openSftp: an answer to another question ends the session", async () => {
  const answers: [Answer, (sftp: Sftp) => Promise<unknown>][] = [
    [(_type, id) => status(id, 0), (sftp) => sftp.open("/a", "read")],
    [(_type, id) => status(id, 0), (sftp) => sftp.stat("/a")],
    [(_type, id) => handle(id), (sftp) => sftp.stat("/a")],
    [(_type, id) => handle(id), (sftp) => sftp.realPath("/a")],
    [(_type, id) => packet(104, id, number(0)), (sftp) => sftp.realPath("/a")],
    [(_type, id) => packet(105, id, number(1)), (sftp) => sftp.stat("/a")],
    // No file is so large.
    [
      (_type, id) => packet(105, id, number(1), number(0x8000_0000), number(0)),
      (sftp) => sftp.stat("/a"),
    ],
  ];
  for (const [answer, ask] of answers) {
    await using sftp = await open(answer);
    await assert.rejects(ask(sftp), (error: Error & { code?: string }) => {
      assert.match(String(error.code), /^ssh\/sftp-(broken|failed)$/);
      return true;
    });
  }
});

Deno.test("openSftp: a file gives no more than was asked for, and an end that is said", async () => {
  const data = (size: number): Answer => (type, id) =>
    type === READ ? packet(103, id, sshString(Buffer.alloc(size, 7))) : handle(id);
  const into = new Uint8Array(8);
  {
    await using sftp = await open(data(100_000));
    const file = await sftp.open("/a", "read");
    assert.equal(await file.read(into, 0), 8);
    assert.deepEqual([...into], Array(8).fill(7));
  }
  {
    await using sftp = await open(data(0));
    const file = await sftp.open("/a", "read");
    await assert.rejects(file.read(into, 0), broken(/no bytes, without an end/));
  }
  {
    await using sftp = await open((type, id) => type === READ ? status(id, 1) : handle(id));
    const file = await sftp.open("/a", "read");
    assert.equal(await file.read(into, 0), null);
  }
  {
    // It declares a length that the packet does not have.
    await using sftp = await open((type, id) =>
      type === READ ? packet(103, id, number(0xffff_ffff)) : handle(id)
    );
    const file = await sftp.open("/a", "read");
    await assert.rejects(file.read(into, 0), broken(/Malformed DATA/));
  }
});

Deno.test("openSftp: a directory without an end, or with names that are not there, is not listed", async () => {
  const listing = (names: (id: Buffer) => Buffer): Answer => (type, id) =>
    type === READDIR ? names(id) : handle(id);
  {
    await using sftp = await open(listing((id) => packet(104, id, number(0))));
    await assert.rejects(sftp.list("/a"), broken(/lists nothing/));
  }
  {
    await using sftp = await open(listing((id) => packet(104, id, number(0xffff_ffff))));
    await assert.rejects(sftp.list("/a"), broken(/Malformed NAME/));
  }
  {
    const entry = [sshString("x"), sshString("x"), number(0)];
    const many = Array(10_000).fill(entry).flat();
    await using sftp = await open(listing((id) => packet(104, id, number(10_000), ...many)));
    await assert.rejects(sftp.list("/a"), broken(/more than 1000000 entries/));
  }
});

Deno.test("openSftp: whatever bytes come, every request ends", async () => {
  await fc.assert(
    fc.asyncProperty(
      // The third request hears the end: half an answer may be all that a server ever says.
      fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 2 }),
      async (pieces) => {
        const noise = pieces.map((piece) => sshString(piece));
        await using sftp = await open((_type, id) => {
          const piece = noise.shift();
          return piece ? Buffer.concat([piece.subarray(0, 5), id, piece.subarray(5)]) : "end";
        });
        const settled = await Promise.allSettled([
          sftp.stat("/a"),
          sftp.list("/a"),
          sftp.realPath("/"),
        ]);
        assert.equal(settled.length, 3);
      },
    ),
    { numRuns: 500 },
  );
});
