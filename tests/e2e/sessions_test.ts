/** Every session that was opened is deleted, whatever ends the connection or the program. */

import assert from "node:assert/strict";
import { Socket } from "node:net";
import { type OpenTunnel, withAzure } from "../helpers/emulated_azure.ts";
import { eventually } from "../helpers/eventually.ts";
import { startEchoServer } from "../helpers/http_servers.ts";
import { writeAll } from "../helpers/local_server.ts";
import type { RunningEmulator } from "../../plugins/emulator/emulator.ts";

/** Sends `text` and gets it back: the connection is open from end to end. */
async function echo(conn: Deno.Conn, text: string): Promise<void> {
  const bytes = new TextEncoder().encode(text);
  await writeAll(conn, bytes);
  const received = new Uint8Array(bytes.length);
  for (let at = 0; at < received.length;) {
    const n = await conn.read(received.subarray(at));
    if (n === null) throw new Error(`EOF in place of the echo of ${text}`);
    at += n;
  }
  assert.equal(new TextDecoder().decode(received), text);
}

/** Opens so many, and proves that each of them works. */
async function openMany(tunnel: OpenTunnel, count: number): Promise<Deno.TcpConn[]> {
  return await Promise.all(Array.from({ length: count }, async (_, i) => {
    const conn = await tunnel.connect();
    await echo(conn, `connection ${i}`);
    return conn;
  }));
}

/** The echo server cannot know that its client has ended: nothing is to be waited for. */
const NO_GRACE = ["--half-close-grace", "0"];

function closeAll(conns: readonly Deno.Conn[]): void {
  for (const conn of conns) conn.close();
}

async function expectAllDeleted(emulator: RunningEmulator, posts: number): Promise<void> {
  await eventually("every session deleted", () => {
    const { tokenPosts, tokenDeletes, outstandingSessions, openWebSockets } = emulator.stats();
    assert.deepEqual({ tokenPosts, tokenDeletes, outstandingSessions, openWebSockets }, {
      tokenPosts: posts,
      tokenDeletes: posts,
      outstandingSessions: 0,
      openWebSockets: 0,
    });
    return true;
  }, { within: 30_000 });
}

Deno.test("500 connections at once all work, and all their sessions are deleted", async () => {
  await using server = startEchoServer();
  await withAzure({ ports: { 9000: server.port } }, async ({ emulator, openTunnel }) => {
    const tunnel = await openTunnel(9000, NO_GRACE);
    const conns = await openMany(tunnel, 500);
    assert.equal(emulator.stats().openWebSockets, 500, "at once");
    closeAll(conns);
    await expectAllDeleted(emulator, 500);
    await tunnel.event("connection-closed", { count: 500 });
    const failed = tunnel.events().filter(({ event }) => event === "connection-failed");
    assert.deepEqual(failed, []);
  });
});

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  Deno.test(`${signal} with connections open: exit code 0, every session deleted`, async () => {
    await using server = startEchoServer();
    await withAzure({ ports: { 9000: server.port } }, async ({ emulator, openTunnel }) => {
      const tunnel = await openTunnel(9000, NO_GRACE);
      const conns = await openMany(tunnel, 40);
      const ends = conns.map(async (conn, i) => {
        assert.equal(await conn.read(new Uint8Array(1)), null);
        // Some stay as they are: the end does not hang on them.
        if (i > 3) conn.close();
      });
      tunnel.signal(signal);
      assert.equal((await tunnel.exit()).code, 0);
      await Promise.all(ends);
      closeAll(conns.slice(0, 4));
      await expectAllDeleted(emulator, 40);
      const { reason, opened, failed } = await tunnel.event("stopped");
      assert.deepEqual({ reason, opened, failed }, { reason: "stopped", opened: 40, failed: 0 });
    });
  });
}

for (const at of ["token", "upgrade"] as const) {
  Deno.test(`SIGINT while the ${at} request is under way: no session is left`, async () => {
    await using server = startEchoServer();
    const faults = [{ at, kind: "latency", ms: 1_000 }] as const;
    await withAzure({ ports: { 9000: server.port }, faults }, async ({ emulator, openTunnel }) => {
      const tunnel = await openTunnel(9000);
      const conns = await Promise.all(Array.from({ length: 10 }, () => tunnel.connect()));
      await eventually("sessions were asked for", () => {
        const { tokenPosts, sessionsIssued } = emulator.stats();
        return 10 === (at === "token" ? tokenPosts : sessionsIssued);
      });
      tunnel.signal("SIGINT");
      assert.equal((await tunnel.exit()).code, 0);
      closeAll(conns);
      await expectAllDeleted(emulator, 10);
    });
  });
}

Deno.test("refused handshakes leave no session behind", async () => {
  await using server = startEchoServer();
  const faults = [{ at: "upgrade", kind: "status", status: 403 }] as const;
  await withAzure({ ports: { 9000: server.port }, faults }, async ({ emulator, openTunnel }) => {
    const tunnel = await openTunnel(9000, NO_GRACE);
    await Promise.all(Array.from({ length: 20 }, async () => {
      using conn = await tunnel.connect();
      assert.equal(await conn.read(new Uint8Array(1)), null);
    }));
    await tunnel.event("connection-failed", { count: 20 });
    await expectAllDeleted(emulator, 20);
  });
});

/** A client that ends by RST, as one that crashes does. */
async function connectRaw(tunnel: OpenTunnel): Promise<Socket> {
  const socket = new Socket();
  socket.on("error", () => {});
  await new Promise<void>((resolve) => socket.connect(tunnel.port, tunnel.host, () => resolve()));
  return socket;
}

async function reset(socket: Socket): Promise<void> {
  const closed = new Promise((resolve) => socket.once("close", resolve));
  socket.resetAndDestroy();
  await closed;
}

Deno.test("clients that vanish with RST leave no session behind", async () => {
  await using server = startEchoServer();
  await withAzure({ ports: { 9000: server.port } }, async ({ emulator, openTunnel }) => {
    const tunnel = await openTunnel(9000, NO_GRACE);
    const many = Array.from({ length: 20 });

    // In the midst of their work.
    await Promise.all(many.map(async () => {
      const socket = await connectRaw(tunnel);
      socket.write("hello");
      await new Promise((resolve) => socket.once("data", resolve));
      await reset(socket);
    }));
    await tunnel.event("connection-closed", { count: 20 });
    await expectAllDeleted(emulator, 20);

    // While their session is being asked for, and while its WebSocket is being opened.
    for (const [i, at] of (["token", "upgrade"] as const).entries()) {
      emulator.setFaults([{ at, kind: "latency", ms: 1_000 }]);
      const opening = await Promise.all(many.map(() => connectRaw(tunnel)));
      const asked = 20 * (i + 2);
      await eventually("sessions were asked for", () => {
        const { tokenPosts, sessionsIssued } = emulator.stats();
        return asked === (at === "token" ? tokenPosts : sessionsIssued);
      });
      await Promise.all(opening.map(reset));
      await tunnel.event("connection-failed", { count: 20 * (i + 1) });
      await expectAllDeleted(emulator, asked);
    }

    // Before they are accepted, perhaps; then nobody hears of them.
    emulator.setFaults([]);
    await Promise.all(many.map(async () => await reset(await connectRaw(tunnel))));
    const conn = await tunnel.connect();
    await echo(conn, "the listener lives");
    conn.close();
    await eventually("all deleted", () => {
      const { outstandingSessions, openWebSockets } = emulator.stats();
      return outstandingSessions === 0 && openWebSockets === 0;
    });
    assert.doesNotMatch(tunnel.stderr(), /warning/);
  });
});

Deno.test("after kill -9 the next start deletes the sessions that were left", async () => {
  await using server = startEchoServer();
  await withAzure({ ports: { 9000: server.port } }, async ({ emulator, openTunnel, ...azure }) => {
    const killed = await openTunnel(9000, NO_GRACE);
    const conns = await openMany(killed, 12);
    killed.signal("SIGKILL");
    await killed.exit();
    closeAll(conns);
    assert.equal(emulator.stats().outstandingSessions, 12);
    const journals = [...Deno.readDirSync(`${azure.stateDirectory}/sessions`)];
    assert.equal(journals.length, 1);
    for (const { name } of journals) {
      const { mode } = await Deno.stat(`${azure.stateDirectory}/sessions/${name}`);
      assert.equal((mode ?? 0) & 0o777, 0o600, "tokens are in it");
    }

    const next = await openTunnel(9000, NO_GRACE);
    await expectAllDeleted(emulator, 12);
    const conn = await next.connect();
    await echo(conn, "and works");
    conn.close();
    next.signal("SIGTERM");
    assert.equal((await next.exit()).code, 0);
    await expectAllDeleted(emulator, 13);
    assert.deepEqual(
      [...Deno.readDirSync(`${azure.stateDirectory}/sessions`)],
      [],
      "nothing is owed",
    );
  });
});

Deno.test("two programs at once: one's start leaves the other's sessions alone", async () => {
  await using server = startEchoServer();
  await withAzure({ ports: { 9000: server.port } }, async ({ emulator, openTunnel }) => {
    const [first, second] = [await openTunnel(9000, NO_GRACE), await openTunnel(9000, NO_GRACE)];
    const conns = [...await openMany(first, 3), ...await openMany(second, 3)];
    const third = await openTunnel(9000, NO_GRACE);
    third.signal("SIGTERM");
    assert.equal((await third.exit()).code, 0);
    assert.equal(emulator.stats().outstandingSessions, 6);
    for (const [i, conn] of conns.entries()) await echo(conn, `${i} lives`);
    closeAll(conns);
    await expectAllDeleted(emulator, 6);
  });
});

Deno.test("a service that does not answer DELETE: the end comes all the same, the next start deletes", async () => {
  await using server = startEchoServer();
  await withAzure({ ports: { 9000: server.port } }, async ({ emulator, openTunnel }) => {
    const deaf = await openTunnel(9000, NO_GRACE);
    const conns = await openMany(deaf, 3);
    emulator.setFaults([{ at: "delete", kind: "silence" }]);
    closeAll(conns);
    deaf.signal("SIGTERM");
    assert.equal((await deaf.exit()).code, 0);
    assert.match(deaf.stderr(), /a session could not be deleted/);
    assert.equal(emulator.stats().outstandingSessions, 3);

    emulator.setFaults([{ at: "delete", kind: "status", status: 500 }]);
    const refused = await openTunnel(9000, NO_GRACE);
    refused.signal("SIGTERM");
    assert.equal((await refused.exit()).code, 0);
    assert.doesNotMatch(refused.stderr(), /warning .* could not be deleted/, "it is no news");
    assert.equal(emulator.stats().outstandingSessions, 3);

    emulator.setFaults([]);
    await openTunnel(9000, NO_GRACE);
    await expectAllDeleted(emulator, 3);
  });
});

Deno.test("a second Ctrl-C leaves at once, with 130", async () => {
  await using server = startEchoServer();
  const options = { ports: { 9000: server.port }, mayLeaveSessions: true };
  await withAzure(options, async ({ emulator, openTunnel }) => {
    const tunnel = await openTunnel(9000, NO_GRACE);
    const conns = await openMany(tunnel, 1);
    emulator.setFaults([{ at: "delete", kind: "silence" }]);
    const before = emulator.stats().faultsStruck;
    tunnel.signal("SIGINT");
    await eventually("it is ending", () => emulator.stats().faultsStruck > before);
    // Two at once are one that came twice, by way of a task runner.
    await new Promise((resolve) => setTimeout(resolve, 500));
    tunnel.signal("SIGINT");
    assert.equal((await tunnel.exit()).code, 130);
    closeAll(conns);
  });
});

for (const [signal, code] of [["SIGINT", 130], ["SIGTERM", 143]] as const) {
  Deno.test(`${signal} before the tunnel is ready: exit code ${code}`, () =>
    withAzure({ faults: [{ at: "arm", kind: "silence" }] }, async ({ emulator, ...azure }) => {
      const process = await azure.start(["tunnel", "--json", ...azure.targetArgs(22)]);
      await eventually("it asks", () => emulator.stats().faultsStruck > 0);
      process.signal(signal);
      assert.equal((await process.exit()).code, code);
      assert.deepEqual(process.events(), [], "there was no tunnel");
    }));
}
