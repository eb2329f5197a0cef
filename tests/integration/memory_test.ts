/** What the program holds in memory: bounded by what is connected, not by what is sent. */

import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { createCertificates } from "../../plugins/emulator/certificates.ts";
import { startInBackground } from "../helpers/background_process.ts";
import { withAzure } from "../helpers/emulated_azure.ts";
import { startEchoServer } from "../helpers/http_servers.ts";
import { startLocalServer, writeAll } from "../helpers/local_server.ts";
import { needsThat } from "../helpers/needs.ts";
import { rawServer, untilClosed } from "../helpers/raw_server.ts";
import { tempDir } from "../helpers/temp_dir.ts";

const KIB = 1024;
const MIB = 1024 * KIB;
const FULL = Deno.env.get("BASTION_TEST_FULL") === "1";
/** How long the memory is watched, in ms. */
const WATCH = FULL ? 30_000 : 5_000;
/** Connections that do nothing. */
const IDLE = FULL ? 500 : 100;
const MAX_GROWTH = 32 * MIB;
const MAX_IDLE_COST = 48 * KIB;

const onLinux = needsThat(Deno.build.os === "linux", "/proc, which tells a process's memory");

/** Resident memory of a process in bytes. */
function residentBytes(pid: number): number {
  const status = Deno.readTextFileSync(`/proc/${pid}/status`);
  return Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1]) * KIB;
}

/** The most by which the process grows in the time. */
async function growth(pid: number, base: number, ms: number): Promise<number> {
  let most = 0;
  for (const end = performance.now() + ms; performance.now() < end;) {
    most = Math.max(most, residentBytes(pid) - base);
    await delay(100);
  }
  return most;
}

function delay(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** The memory once it has come to rest: the least of so many looks. */
async function settled(pid: number): Promise<number> {
  let least = Number.POSITIVE_INFINITY;
  for (let look = 0; look < 20; look++) {
    least = Math.min(least, residentBytes(pid));
    await delay(100);
  }
  return least;
}

function show(what: string, bytes: number): void {
  console.log(`${what}: ${(bytes / KIB).toFixed(0)} KiB`);
}

/** Sends 1 GiB, or as much of it as is taken. */
function startOfferingServer() {
  const block = new Uint8Array(256 * KIB);
  return startLocalServer(async (conn) => {
    for (let sent = 0; sent < 1024 * MIB; sent += block.length) await writeAll(conn, block);
  });
}

for (const rate of [MIB, 0]) {
  const reader = rate > 0 ? "reads 1 MiB/s" : "reads nothing";
  onLinux.test(`memory: an offer of 1 GiB to a client that ${reader}`, async () => {
    await using source = startOfferingServer();
    await withAzure({ ports: { 9000: source.port } }, async (azure) => {
      const tunnel = await azure.openTunnel(9000, [], { debug: false });
      const buffer = new Uint8Array(64 * KIB);
      {
        using warm = await tunnel.connect();
        for (let left = 16 * MIB; left > 0;) left -= await warm.read(buffer) ?? left;
      }
      const base = await settled(tunnel.pid);
      using conn = await tunnel.connect();
      let taken = 0;
      const reading = (async () => {
        const start = performance.now();
        while (rate > 0 && performance.now() - start < WATCH) {
          if (taken >= (performance.now() - start) / 1000 * rate) await delay(20);
          else taken += await conn.read(buffer) ?? assert.fail("the offer ended");
        }
      })();
      const most = await growth(tunnel.pid, base, WATCH);
      await reading;
      show(`growth of the process, the client ${reader}`, most);
      assert.ok(most < MAX_GROWTH, `it grew by ${most} bytes`);
      assert.ok(taken >= WATCH / 1000 * rate * 0.5, `only ${taken} bytes came`);
    });
  });
}

onLinux.test("memory: a client that sends without end to a far side that reads nothing", async () => {
  await using target = startEchoServer();
  await withAzure({ ports: { 9000: target.port } }, async (azure) => {
    azure.emulator.setFaults([{ at: "stream", kind: "stall", connection: 2 }]);
    const tunnel = await azure.openTunnel(9000, [], { debug: false });
    const block = new Uint8Array(256 * KIB);
    {
      using warm = await tunnel.connect();
      await Promise.all([
        writeAll(warm, new Uint8Array(16 * MIB)),
        (async () => {
          for (let left = 16 * MIB; left > 0;) left -= await warm.read(new Uint8Array(MIB)) ?? left;
        })(),
      ]);
    }
    const base = await settled(tunnel.pid);
    const conn = await tunnel.connect();
    let taken = 0;
    const flood = (async () => {
      for (;;) taken += await conn.write(block);
    })().catch(() => {});
    const most = await growth(tunnel.pid, base, WATCH);
    show("growth of the process, the far side reads nothing", most);
    conn.close();
    await flood;
    assert.ok(most < MAX_GROWTH, `it grew by ${most} bytes`);
    assert.ok(taken < 64 * MIB, `${taken} bytes were taken`);
  });
});

/** What each of `IDLE` connections to `port` costs the process, with one byte come on each. */
async function costOfIdle(
  pid: number,
  connect: () => Promise<Deno.TcpConn>,
  greet: boolean,
): Promise<number> {
  using stack = new DisposableStack();
  const open = async (count: number) => {
    for (let i = 0; i < count; i += 10) {
      await Promise.all(Array.from({ length: 10 }, async () => {
        const conn = stack.use(await connect());
        if (greet) await conn.write(Uint8Array.of(1));
        await conn.read(new Uint8Array(1));
      }));
    }
  };
  // The first ones pay for what is made once.
  await open(50);
  const base = await settled(pid);
  await open(IDLE);
  return (await settled(pid) - base) / IDLE;
}

/** Of Deno itself: a TLS and a TCP connection, each with a read pending. */
async function costOfPair(): Promise<number> {
  const { ca, certificate, key } = await createCertificates(new Date());
  await using directory = await tempDir();
  const caFile = directory.file("ca.pem");
  await Deno.writeTextFile(caFile, ca);
  await using server = rawServer(async (conn) => await untilClosed(conn), { ca, certificate, key });
  await using holder = startInBackground([
    Deno.execPath(),
    "run",
    "--no-prompt",
    "-A",
    "--v8-flags=--max-semi-space-size=2",
    fileURLToPath(new URL("../helpers/idle_pairs.ts", import.meta.url)),
    String(server.port),
    caFile,
  ]);
  const [, port] = await holder.output("stdout", /port (\d+)/);
  return await costOfIdle(
    holder.pid,
    () => Deno.connect({ hostname: "127.0.0.1", port: Number(port) }),
    false,
  );
}

onLinux.test(`memory: ${IDLE} idle connections`, async () => {
  const pair = await costOfPair();
  await using target = startEchoServer();
  await withAzure({ ports: { 9000: target.port } }, async (azure) => {
    const tunnel = await azure.openTunnel(9000, [], { debug: false });
    const ours = await costOfIdle(tunnel.pid, tunnel.connect, true);
    show("an idle TLS and TCP pair of Deno's", pair);
    show("an idle connection of ours", ours);
    assert.ok(ours - pair <= MAX_IDLE_COST, `${ours - pair} bytes more than Deno's own`);
  });
});
