/**
 * What every transport must hold, proved by the whole engine against the emulator: bytes, ends,
 * failures, counts. Each transport's own test file runs it.
 */

import assert from "node:assert/strict";
import type { FaultInput } from "../../plugins/emulator/fault_schema.ts";
import type { PluginFactory } from "../../core/mod.ts";
import { type EmulatedTunnelOptions, openEmulatedTunnel } from "../helpers/emulated_tunnel.ts";
import { eventually } from "../helpers/eventually.ts";
import {
  patternBytes,
  startEchoServer,
  startHttp10Server,
  startReplyServer,
} from "../helpers/http_servers.ts";
import { startLocalServer, writeAll } from "../helpers/local_server.ts";

/** Everything up to EOF; rejects where the connection is reset. */
async function readAll(conn: Deno.Conn): Promise<Uint8Array> {
  return new Uint8Array(await new Response(conn.readable).arrayBuffer());
}

/** A request whose answer ends by the far side's end. */
async function fetchAll(conn: Deno.TcpConn): Promise<Uint8Array> {
  await writeAll(conn, new TextEncoder().encode("GET / HTTP/1.0\r\n\r\n"));
  return await readAll(conn);
}

/** Where a transport's library holds less than the contract. */
export interface Traits {
  /** A message is handed on only when it is whole: of one that is cut, nothing is. */
  readonly wholeMessagesOnly?: true;
}

/** What a connection begins with, and what it gets then. */
const ECHO = 1;
const BULK = 2;

/** Declares the tests for the transport of that name, which `plugin` brings. */
export function transportContract(
  transport: string,
  plugin?: PluginFactory,
  traits: Traits = {},
): void {
  const open = (options: EmulatedTunnelOptions) =>
    openEmulatedTunnel({ ...options, transport, ...(plugin ? { plugins: [plugin] } : {}) });

  const test = (name: string, run: () => Promise<void>) => Deno.test(`${transport}: ${name}`, run);

  test("bytes go both ways, unchanged, in frames of 4,096 bytes at most", async () => {
    await using target = startEchoServer();
    await using through = await open({ targetPort: target.port });
    const conn = await through.connect();
    const sent = patternBytes(8 * 1024 * 1024 + 17);
    const writing = writeAll(conn, sent).then(() => conn.closeWrite());
    const received = await readAll(conn);
    await writing;
    assert.deepEqual(received, sent);
    const stats = through.emulator.stats();
    assert.equal(stats.largestFrameUp, 4096);
    assert.equal(stats.continuationFramesUp, 0);
    await eventually("closed", () => through.events.at(-1) === "closed local-closed");
  });

  for (const size of [100, 1024 ** 2, 8 * 1024 ** 2]) {
    test(`a client that ends its side at once gets the whole reply of ${size} bytes`, async () => {
      const reply = patternBytes(size);
      await using target = startReplyServer(reply);
      await using through = await open({ targetPort: target.port });
      const conn = await through.connect();
      await writeAll(conn, new TextEncoder().encode("x"));
      await conn.closeWrite();
      assert.deepEqual(await readAll(conn), reply);
    });
  }

  test("a slow reader of a long reply loses nothing after its own end", async () => {
    const reply = patternBytes(6 * 1024 ** 2);
    await using target = startReplyServer(reply);
    await using through = await open({ targetPort: target.port, halfCloseGrace: 100 });
    const conn = await through.connect();
    await writeAll(conn, new TextEncoder().encode("x"));
    await conn.closeWrite();
    // Longer than the grace: only the far side's silence may end the connection, not ours.
    await new Promise((resolve) => setTimeout(resolve, 600));
    assert.deepEqual(await readAll(conn), reply);
  });

  test("200 downloads that the target ends leave no connection behind", async () => {
    const body = patternBytes(10_000);
    await using target = startHttp10Server(body);
    await using through = await open({ targetPort: target.port });
    for (let i = 0; i < 20; i++) {
      await Promise.all(Array.from({ length: 10 }, async () => {
        const conn = await through.connect();
        const text = await fetchAll(conn);
        assert.deepEqual(text.subarray(text.length - body.length), body);
      }));
    }
    await eventually("all closed", () => through.events.length === 400);
    await eventually("all deleted", () => through.emulator.stats().outstandingSessions === 0);
    assert.deepEqual(new Set(through.events), new Set(["opened", "closed remote-closed"]));
    assert.equal(through.emulator.stats().tokenPosts, 200);
    assert.equal(through.emulator.stats().tokenDeletes, 200);
  });

  const BEFORE = 300_000;
  const stream = { at: "stream", afterBytes: BEFORE, connection: 1 } as const;
  const ends: [string, FaultInput, string][] = [
    ["FIN", { ...stream, kind: "fin" }, "peer-cut"],
    ["FIN beneath TLS", { ...stream, kind: "fin", closeNotify: false }, "peer-cut"],
    ["RST", { ...stream, kind: "rst" }, "peer-cut"],
    ["a cut in the middle of a frame", { ...stream, kind: "mid-frame" }, "peer-cut"],
    ["Close 1000", { ...stream, kind: "close", code: 1000 }, "remote-closed"],
    ["Close 1001", { ...stream, kind: "close", code: 1001 }, "peer-closed"],
    ["Close 1011", { ...stream, kind: "close", code: 1011 }, "peer-closed"],
    ["an empty message", { ...stream, kind: "empty-message" }, "remote-closed"],
  ];
  for (const [name, fault, reason] of ends) {
    for (const sending of [false, true]) {
      const how = sending ? ", while the client keeps sending" : "";
      test(`${name} of the far side is EOF after every byte that came${how}`, async () => {
        const reply = patternBytes(1024 ** 2);
        await using target = startReplyServer(reply);
        await using through = await open({ targetPort: target.port, faults: [fault] });
        const conn = await through.connect();
        await writeAll(conn, new Uint8Array(1));
        let ended = false;
        const flood = sending
          ? (async () => {
            while (!ended) await writeAll(conn, new Uint8Array(4096)).catch(() => ended = true);
          })()
          : undefined;
        const received: Uint8Array[] = [];
        const buffer = new Uint8Array(65536);
        for (;;) {
          const n = await conn.read(buffer);
          if (n === null) break;
          received.push(buffer.slice(0, n));
        }
        ended = true;
        await flood;
        const bytes = new Uint8Array(await new Blob(received as BlobPart[]).arrayBuffer());
        // A reset may overtake bytes that were on their way to us; none may be doubled or changed.
        const mayLack = fault.kind === "rst" ||
          (fault.kind === "mid-frame" && traits.wholeMessagesOnly === true);
        if (mayLack) assert.ok(bytes.length <= BEFORE);
        else assert.equal(bytes.length, BEFORE);
        assert.deepEqual(bytes, reply.subarray(0, bytes.length));
        conn.close();
        await eventually("said", () => through.events.includes(`closed ${reason}`));

        const next = await through.connect();
        await writeAll(next, new Uint8Array(1));
        await next.closeWrite();
        assert.equal((await readAll(next)).length, reply.length, "the listener lives");
        await eventually("deleted", () => through.emulator.stats().outstandingSessions === 0);
      });
    }
  }

  const refusals: [string, FaultInput, string, number][] = [
    ["401", { at: "token", kind: "status", status: 401 }, "token-unauthorized", 3],
    ["403", { at: "token", kind: "status", status: 403 }, "token-forbidden", 1],
    ["404", { at: "token", kind: "status", status: 404 }, "token-not-found", 1],
    ["429", { at: "token", kind: "status", status: 429 }, "token-throttled", 3],
    [
      "500 with a page",
      { at: "token", kind: "status", status: 500, body: "html" },
      "token-refused",
      3,
    ],
    ["no JSON", { at: "token", kind: "not-json" }, "token-unreadable", 1],
    ["a reset", { at: "token", kind: "rst" }, "http-failed", 3],
    [
      "an upgrade refused with 503",
      { at: "upgrade", kind: "status", status: 503 },
      "upgrade-refused",
      3,
    ],
    [
      "an upgrade refused with 403",
      { at: "upgrade", kind: "status", status: 403 },
      "upgrade-forbidden",
      1,
    ],
    ["a 101 without headers", { at: "upgrade", kind: "101-without-headers" }, "upgrade-broken", 3],
    ["a 101 with a wrong accept", { at: "upgrade", kind: "101-wrong-accept" }, "upgrade-broken", 3],
    ["an upgrade that is cut", { at: "upgrade", kind: "fin" }, "upgrade-broken", 3],
  ];
  for (const [name, fault, code, attempts] of refusals) {
    test(`${name}: ends that one connection with ${code}, after ${attempts} attempts`, async () => {
      await using target = startHttp10Server(patternBytes(10));
      await using through = await open({ targetPort: target.port, faults: [fault] });
      const conn = await through.connect();
      assert.equal((await fetchAll(conn)).length, 0, "EOF, no reset");
      await eventually("said", () => through.events.length > 0);
      assert.deepEqual(through.events, [`failed ${code}`]);
      const { tokenPosts } = through.emulator.stats();
      // A reset of a POST looks like a stale kept-alive connection, and is sent again.
      if (code === "http-failed") assert.ok(tokenPosts > attempts && tokenPosts <= 3 * attempts);
      else assert.equal(tokenPosts, attempts);

      through.emulator.setFaults([]);
      const next = await through.connect();
      assert.ok((await fetchAll(next)).length > 10, "the listener lives");
      await eventually("deleted", () => through.emulator.stats().outstandingSessions === 0);
    });
  }

  for (const kind of ["101-without-headers", "101-wrong-accept"] as const) {
    test(`a fresh token mends a ${kind}`, async () => {
      await using target = startHttp10Server(patternBytes(10));
      await using through = await open({
        targetPort: target.port,
        faults: [{ at: "upgrade", kind, connection: 1 }],
      });
      assert.ok((await fetchAll(await through.connect())).length > 10);
      assert.equal(through.emulator.stats().tokenPosts, 2);
    });
  }

  test("a 101 with a raw 400 behind it is replaced while nothing has been sent", async () => {
    const greeting = patternBytes(1000);
    await using target = startLocalServer(async (conn) => {
      await writeAll(conn, greeting);
      await conn.closeWrite();
      await conn.read(new Uint8Array(1));
    });
    await using through = await open({
      targetPort: target.port,
      faults: [{ at: "upgrade", kind: "101-then-400", connection: 1 }],
    });
    assert.deepEqual(await readAll(await through.connect()), greeting);
    assert.equal(through.emulator.stats().tokenPosts, 2);
  });

  test("Connection: Upgrade, Keep-Alive is taken", async () => {
    await using target = startHttp10Server(patternBytes(10));
    await using through = await open({
      targetPort: target.port,
      faults: [{ at: "upgrade", kind: "101-keep-alive" }],
    });
    assert.ok((await fetchAll(await through.connect())).length > 10);
    assert.equal(through.emulator.stats().tokenPosts, 1);
  });

  test("a target that refuses is named, once", async () => {
    await using through = await open({ targetPort: 9 });
    const conn = await through.connect();
    assert.equal((await readAll(conn)).length, 0);
    await eventually("said", () => through.events.includes("closed target-refused"));
  });

  test("a stalled far side stalls its client, and nobody else", async () => {
    await using target = startEchoServer();
    await using through = await open({
      targetPort: target.port,
      faults: [{ at: "stream", kind: "stall", connection: 1, direction: "up", afterBytes: 1000 }],
    });
    const stalled = await through.connect();
    let taken = 0;
    const flood = (async () => {
      const chunk = new Uint8Array(65536);
      for (;;) taken += await stalled.write(chunk);
    })().catch(() => {});
    let before = -1;
    await eventually("the client is held up", () => {
      const same = taken === before && taken > 0;
      before = taken;
      return same;
    }, { every: 300 });
    // Socket buffers and one read: no queue of ours.
    assert.ok(taken < 32 * 1024 ** 2, `${taken} bytes were taken`);
    const other = await through.connect();
    await writeAll(other, new Uint8Array([1, 2, 3]));
    const buffer = new Uint8Array(10);
    assert.equal(await other.read(buffer), 3);
    other.close();
    stalled.close();
    await flood;
  });

  test("another connection gets its echo while one carries bulk without end", async () => {
    await using target = startLocalServer(async (conn) => {
      const block = new Uint8Array(64 * 1024);
      for (let n = await conn.read(block); n !== null; n = await conn.read(block)) {
        if (block[0] === ECHO) await writeAll(conn, block.subarray(0, n));
        else for (;;) await writeAll(conn, block);
      }
    });
    await using through = await open({ targetPort: target.port });
    const bulk = await through.connect();
    await writeAll(bulk, Uint8Array.of(BULK));
    let carried = 0;
    const draining = (async () => {
      const buffer = new Uint8Array(256 * 1024);
      for (let n = await bulk.read(buffer); n !== null; n = await bulk.read(buffer)) carried += n;
    })().catch(() => {});
    await eventually("bulk", () => carried > 4 * 1024 ** 2);
    const before = carried;
    using echo = await through.connect();
    for (let i = 0; i < 50; i++) {
      await writeAll(echo, Uint8Array.of(ECHO));
      assert.equal(await echo.read(new Uint8Array(1)), 1);
    }
    await eventually("bulk goes on", () => carried > before);
    bulk.close();
    await draining;
  });

  test("a far side that falls silent after it answered pings is given up, and said", async () => {
    await using target = startEchoServer();
    await using through = await open({
      targetPort: target.port,
      pingInterval: 200,
      faults: [{ at: "stream", kind: "silence", direction: "up", afterBytes: 3 }],
    });
    const conn = await through.connect();
    await writeAll(conn, new Uint8Array(1));
    await conn.read(new Uint8Array(1));
    await eventually("a ping", () => through.emulator.stats().pingsUp > 1);
    await writeAll(conn, new Uint8Array(2));
    assert.ok((await readAll(conn)).length <= 2);
    await eventually("said", () => through.events.includes("closed peer-silent"));
  });

  test("clients that vanish with RST, before and after the handshake, leave nothing", async () => {
    const { Socket } = await import("node:net");
    await using target = startEchoServer();
    await using through = await open({
      targetPort: target.port,
      faults: [{ at: "token", kind: "latency", ms: 100 }],
    });
    for (let i = 0; i < 20; i++) {
      const socket = new Socket();
      socket.on("error", () => {});
      await new Promise<void>((resolve) =>
        socket.connect(through.tunnel.info.port, "127.0.0.1", () => resolve())
      );
      if (i % 2 === 0) {
        socket.write("hello");
        await new Promise((resolve) => socket.once("data", resolve));
      }
      await new Promise<void>((resolve) => {
        socket.once("close", () => resolve());
        socket.resetAndDestroy();
      });
    }
    await eventually("all ended", () => {
      const ended = through.events.filter((event) => event !== "opened");
      return ended.length === 20;
    });
    await eventually("all deleted", () => {
      const stats = through.emulator.stats();
      return stats.outstandingSessions === 0 && stats.openWebSockets === 0;
    });
  });

  test("stopping with connections open deletes their sessions", async () => {
    await using target = startEchoServer();
    await using through = await open({ targetPort: target.port });
    const conns = await Promise.all(Array.from({ length: 30 }, () => through.connect()));
    for (const conn of conns) {
      await writeAll(conn, new Uint8Array(1));
      await conn.read(new Uint8Array(1));
    }
    await through.tunnel.stop();
    const stats = through.emulator.stats();
    assert.equal(stats.tokenPosts, 30);
    assert.equal(stats.tokenDeletes, 30);
    assert.equal(stats.outstandingSessions, 0);
    assert.equal((await through.tunnel.ended).why, "stopped");
    for (const conn of conns) {
      assert.equal(await conn.read(new Uint8Array(1)), null);
      conn.close();
    }
  });

  test("500 connections at once all work", async () => {
    await using target = startEchoServer();
    await using through = await open({ targetPort: target.port });
    await Promise.all(Array.from({ length: 500 }, async (_, i) => {
      const conn = await through.connect();
      await writeAll(conn, new TextEncoder().encode(`connection ${i}`));
      const buffer = new Uint8Array(100);
      const n = await conn.read(buffer);
      assert.equal(new TextDecoder().decode(buffer.subarray(0, n ?? 0)), `connection ${i}`);
      conn.close();
    }));
    await eventually("all deleted", () => {
      const stats = through.emulator.stats();
      return stats.tokenDeletes === 500 && stats.outstandingSessions === 0;
    }, { within: 30_000 });
    assert.equal(through.emulator.stats().tokenPosts, 500);
  });

  test("more connections than --max-connections wait", async () => {
    await using target = startEchoServer();
    await using through = await open({ targetPort: target.port, maxConnections: 2 });
    const conns = await Promise.all(Array.from({ length: 4 }, () => through.connect()));
    for (const conn of conns) await writeAll(conn, new Uint8Array(1));
    await eventually("two are open", () => through.events.length === 2);
    for (const conn of conns.slice(0, 2)) {
      await conn.read(new Uint8Array(1));
      conn.close();
    }
    await Promise.all(conns.slice(2).map((conn) => conn.read(new Uint8Array(1))));
    for (const conn of conns.slice(2)) conn.close();
    await eventually("all ended", () => through.events.length === 8);
    assert.equal(through.emulator.stats().webSocketsPeak, 2);
  });

  test("limits: once, idle-timeout and timeout end the tunnel", async () => {
    await using target = startHttp10Server(patternBytes(10));
    {
      await using through = await open({ targetPort: target.port, once: true });
      assert.ok((await fetchAll(await through.connect())).length > 10);
      assert.equal((await through.tunnel.ended).why, "once");
    }
    {
      await using through = await open({ targetPort: target.port, idleTimeout: 300 });
      await fetchAll(await through.connect());
      assert.equal((await through.tunnel.ended).why, "idle-timeout");
    }
    {
      await using through = await open({ targetPort: target.port, timeout: 300 });
      const { why, opened } = await through.tunnel.ended;
      assert.deepEqual({ why, opened }, { why: "timeout", opened: 0 });
    }
  });
}
