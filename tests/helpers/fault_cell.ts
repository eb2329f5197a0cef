/**
 * One cell of the fault matrix: connections through the real engine that are all struck by one
 * fault at one place, and everything that must hold whatever the fault is.
 */

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import type { ConnectionClosed, ConnectionFailed, PluginFactory } from "../../core/mod.ts";
import type { FaultInput } from "../../plugins/emulator/fault_schema.ts";
import { type EmulatedTunnel, openEmulatedTunnel } from "./emulated_tunnel.ts";
import { eventually } from "./eventually.ts";
import { patternBytes } from "./http_servers.ts";
import { type LocalServer, startLocalServer, writeAll } from "./local_server.ts";

/** Milliseconds: the longest that is expected are two attempts of 15 s each. */
const HANG = 50_000;

export type Way = "up" | "down";

export interface Cell {
  readonly faults: readonly FaultInput[];
  /** Which way the payload goes. */
  readonly way: Way;
  /** Payload bytes of each connection. */
  readonly size: number;
  /** Connections at once. */
  readonly count: number;
  /** After so many bytes the sender waits until every connection has had a ping answered. */
  readonly pingAt?: number;
  /** The client ends its side after its last byte, rather than wait for the fault. */
  readonly clientEnds: boolean;
  /** What the fault keeps from being deleted: for a while, or for good (it lies). */
  readonly sessionsLeft?: "owed" | "lost";
}

export interface CellResult {
  /** Payload bytes that arrived, of each connection. */
  readonly delivered: readonly number[];
  /** How each connection was said to have ended. */
  readonly said: readonly string[];
}

export interface FaultBed extends AsyncDisposable {
  /** @throws AssertionError where anything does not hold that must hold for every fault */
  run(cell: Cell): Promise<CellResult>;
}

interface Said {
  opened: number;
  readonly failed: ConnectionFailed[];
  readonly closed: ConnectionClosed[];
}

/** An emulator and a tunnel through it, for any number of cells, one after the other. */
export async function openFaultBed(
  transport: string,
  plugins: readonly PluginFactory[],
  pingInterval: number,
): Promise<FaultBed> {
  const said = new Map<number, Said>();
  const of = (connection: number) => {
    const known = said.get(connection) ?? { opened: 0, failed: [], closed: [] };
    said.set(connection, known);
    return known;
  };
  const watch: PluginFactory = () => ({
    name: "watch",
    version: "1.0.0",
    apiVersion: 1,
    hooks: {
      connectionOpened: ({ connection }) => void of(connection).opened++,
      connectionFailed: (failure) => void of(failure.connection).failed.push(failure),
      connectionClosed: (closed) => void of(closed.connection).closed.push(closed),
    },
  });

  /** What the target does at present, and what has come to it, a connection each. */
  let play: Cell | undefined;
  let targetsReady = 0;
  let received: Buffer[] = [];
  await using stack = new AsyncDisposableStack();
  const target = stack.use(startLocalServer(async (conn) => {
    const cell = play;
    if (cell?.way === "down") {
      // Read meanwhile, and to the end: closing with unread input would destroy what was sent.
      await Promise.all([collect(conn), send(conn, cell).then(() => conn.closeWrite())]);
      return;
    }
    targetsReady++;
    received.push(await collect(conn));
  }));
  const through = stack.use(
    await openEmulatedTunnel({
      targetPort: target.port,
      transport,
      plugins: [...plugins, watch],
      pingInterval,
    }),
  );
  let accepted = 0;

  /** Sends the payload, with a pause for pings where the cell wants one. */
  async function send(conn: Deno.Conn, { size, pingAt, count }: Cell): Promise<void> {
    const bytes = payloadOf(size);
    const first = pingAt ?? size;
    await writeAll(conn, bytes.subarray(0, first));
    if (pingAt !== undefined) {
      targetsReady++;
      await eventually("every connection is there", () => targetsReady >= count);
      // Each pings at every interval: three rounds leave none out.
      const before = through.emulator.stats().pingsUp;
      await eventually("pings", () => through.emulator.stats().pingsUp >= before + 3 * count);
    }
    await writeAll(conn, bytes.subarray(first));
  }

  async function client(cell: Cell): Promise<number> {
    using conn = await through.connect();
    if (cell.way === "up") {
      await send(conn, cell);
      if (cell.clientEnds) await conn.closeWrite();
    }
    // Rejects where it is reset, which is never right while we read.
    return assertPrefix(await collect(conn), cell.size);
  }

  async function run(cell: Cell): Promise<CellResult> {
    const { count, way } = cell;
    play = cell;
    targetsReady = 0;
    received = [];
    const first = accepted + 1;
    accepted += count;
    const sessionsBefore = through.emulator.stats().outstandingSessions;
    through.emulator.setFaults(cell.faults);
    const down = await within(
      HANG,
      "every client saw the end",
      Promise.all(Array.from({ length: count }, () => client(cell))),
    );
    const ends = await eventually("every end was said", () => {
      const all = Array.from({ length: count }, (_, i) => of(first + i));
      return all.every(({ failed, closed }) => failed.length + closed.length > 0) && all;
    });
    const left = sessionsBefore + (cell.sessionsLeft ? count : 0);
    await eventually("its sessions are deleted, its WebSockets closed", () => {
      const stats = through.emulator.stats();
      return stats.outstandingSessions === left && stats.openWebSockets === 0;
    }, { within: 15_000 });
    await eventually("the target is alone", () => target.open() === 0);

    through.emulator.setFaults([]);
    play = NEXT;
    // With the fault gone, a session's end takes along those that are owed by then.
    const lost = cell.sessionsLeft === "lost" ? count : 0;
    await eventually("what is owed is deleted", async () => {
      accepted++;
      await takesNext(through, target);
      const outstanding = () => through.emulator.stats().outstandingSessions;
      await eventually("all", () => outstanding() === sessionsBefore + lost, { within: 3_000 });
      return true;
    }, { within: 20_000 });
    // Looked at again only now: what is said twice is said late.
    const reported = ends.map((one) => sentence(one));
    assert.deepEqual(sorted(reported.map(({ bytesDown }) => bytesDown)), sorted(down));
    const arrived = received.filter((bytes) => bytes.length > 0);
    return {
      delivered: way === "down" ? down : arrived.map((bytes) => assertPrefix(bytes, cell.size)),
      said: reported.map(({ text }) => text),
    };
  }

  const owned = stack.move();
  return { run, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

/** Without any fault, a connection works. */
async function takesNext(through: EmulatedTunnel, target: LocalServer): Promise<void> {
  using conn = await within(HANG, "the listener takes the next", through.connect());
  const bytes = await within(HANG, "the next one's end", collect(conn));
  assert.equal(assertPrefix(bytes, NEXT.size), NEXT.size, "the listener lives");
  conn.close();
  await eventually("the target is alone", () => target.open() === 0);
}

/** Exactly one of opened and failed, closed exactly once after opened, one clear reason. */
function sentence({ opened, failed, closed }: Said) {
  const counts = { opened, failed: failed.length, closed: closed.length };
  const [failure] = failed;
  const [end] = closed;
  if (failure) assert.deepEqual(counts, { opened: 0, failed: 1, closed: 0 });
  else assert.deepEqual(counts, { opened: 1, failed: 0, closed: 1 });
  const error = failure ?? end?.error;
  if (error) {
    assert.doesNotMatch(`${error.message} ${error.hint}`, /undefined|\{\w+\}|Something unexpected/);
    assert.ok(error.message.length > 20 && error.hint.length > 20, "it is clear");
  }
  return {
    text: failure ? `failed ${failure.code}` : `closed ${end?.reason}`,
    bytesDown: end?.bytesDown ?? 0,
  };
}

/** What the connection after the struck ones carries. */
const NEXT: Cell = {
  faults: [],
  way: "down",
  size: 1000,
  count: 1,
  clientEnds: false,
};

const payloads = new Map<number, Uint8Array>();

function payloadOf(size: number): Uint8Array {
  const known = payloads.get(size) ?? patternBytes(size);
  payloads.set(size, known);
  return known;
}

/** How many bytes they are, which must be the payload's first. */
function assertPrefix(bytes: Buffer, size: number): number {
  assert.ok(bytes.equals(payloadOf(size).subarray(0, bytes.length)), "lost, doubled or changed");
  return bytes.length;
}

async function collect(conn: Deno.Conn): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  const buffer = new Uint8Array(64 * 1024);
  for (let n = await conn.read(buffer); n !== null; n = await conn.read(buffer)) {
    chunks.push(buffer.slice(0, n));
  }
  return Buffer.concat(chunks);
}

async function within<T>(ms: number, what: string, work: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not within ${ms} ms: ${what}`)), ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

function sorted(numbers: readonly number[]): number[] {
  return numbers.toSorted((a, b) => a - b);
}
