/** Ends that only a tunnel as a whole can show: limits, observers, DELETEs that fail. */

import assert from "node:assert/strict";
import { openEmulatedTunnel } from "../helpers/emulated_tunnel.ts";
import { eventually } from "../helpers/eventually.ts";
import { patternBytes, startEchoServer, startHttp10Server } from "../helpers/http_servers.ts";
import { writeAll } from "../helpers/local_server.ts";

async function roundTrip(conn: Deno.Conn): Promise<void> {
  await writeAll(conn, new Uint8Array(1));
  assert.equal(await conn.read(new Uint8Array(1)), 1);
}

Deno.test("a DELETE that failed is made good when the service answers again", async () => {
  await using target = startEchoServer();
  await using through = await openEmulatedTunnel({
    targetPort: target.port,
    halfCloseGrace: 50,
    faults: [{ at: "delete", kind: "status", status: 503, connection: [1, 2] }],
  });
  for (let i = 0; i < 4; i++) {
    const conn = await through.connect();
    await roundTrip(conn);
    conn.close();
    await eventually("closed", () => through.events.length === 2 * (i + 1));
  }
  await eventually("nothing is owed", () => through.emulator.stats().outstandingSessions === 0);
});

Deno.test("what is still owed is tried once more at the end", async () => {
  await using target = startEchoServer();
  const through = await openEmulatedTunnel({
    targetPort: target.port,
    faults: [{ at: "delete", kind: "status", status: 503, connection: 1 }],
  });
  const conn = await through.connect();
  await roundTrip(conn);
  await through.tunnel.stop();
  conn.close();
  assert.equal(through.emulator.stats().outstandingSessions, 1);
  await through.stopApp();
  assert.equal(through.emulator.stats().outstandingSessions, 0);
  await through[Symbol.asyncDispose]();
});

Deno.test("an observer that throws touches no connection", async () => {
  await using target = startEchoServer();
  const fail = () => {
    throw new Error("observer");
  };
  await using through = await openEmulatedTunnel({
    targetPort: target.port,
    halfCloseGrace: 50,
    prepare: (request) => ({
      ...request,
      observer: { connectionOpened: fail, connectionClosed: fail, connectionFailed: fail },
    }),
  });
  const conn = await through.connect();
  await roundTrip(conn);
  conn.close();
  await eventually("deleted", () => {
    const { tokenDeletes, openWebSockets } = through.emulator.stats();
    return tokenDeletes === 1 && openWebSockets === 0;
  });
  assert.equal(through.log.filter(({ message }) => message === "an observer failed").length, 2);
});

Deno.test("a target that takes nothing for a while is not taken for a dead service", async () => {
  await using target = startEchoServer();
  await using through = await openEmulatedTunnel({
    targetPort: target.port,
    pingInterval: 150,
    faults: [{ at: "stream", kind: "stall", direction: "up", afterBytes: 1000, ms: 2_000 }],
  });
  const conn = await through.connect();
  await roundTrip(conn);
  await eventually("a ping", () => through.emulator.stats().pingsUp > 0);
  // More than the buffers on the way hold, so that our own writing is held up.
  const sent = patternBytes(24 * 1024 * 1024);
  const writing = writeAll(conn, sent);
  const buffer = new Uint8Array(65536);
  let received = 0;
  while (received < sent.length) {
    const n = await conn.read(buffer);
    assert.notEqual(n, null, `ended after ${received} bytes: ${through.events.join(", ")}`);
    received += n ?? 0;
  }
  await writing;
  conn.close();
});

Deno.test("once is once, on whichever address its connection comes", async () => {
  await using target = startHttp10Server(patternBytes(10));
  await using through = await openEmulatedTunnel({ targetPort: target.port, once: true });
  const { port } = through.tunnel.info;
  const conns = await Promise.allSettled(
    through.tunnel.addresses.map((hostname) => Deno.connect({ hostname, port })),
  );
  for (const conn of conns) {
    if (conn.status === "fulfilled") {
      await writeAll(conn.value, new TextEncoder().encode("GET / HTTP/1.0\r\n\r\n")).catch(
        () => {},
      );
    }
  }
  const { why, opened } = await through.tunnel.ended;
  assert.deepEqual({ why, opened }, { why: "once", opened: 1 });
  for (const conn of conns) if (conn.status === "fulfilled") conn.value.close();
});

Deno.test("what ends a once tunnel before its connection has ended is why it ended", async () => {
  await using target = startEchoServer();
  await using through = await openEmulatedTunnel({ targetPort: target.port, once: true });
  const conn = await through.connect();
  await roundTrip(conn);
  await through.tunnel.stop();
  assert.equal((await through.tunnel.ended).why, "stopped");
  conn.close();
});

Deno.test("limits that make no sense are refused", async () => {
  for (const bad of [{ maxConnections: 0 }, { frameSize: 0 }, { pingInterval: Number.NaN }]) {
    await assert.rejects(openEmulatedTunnel({ targetPort: 9, ...bad }), { code: "usage" });
  }
});
