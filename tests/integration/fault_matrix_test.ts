/**
 * Every fault of the emulator × {before the first byte, in the middle, at the end} × {one
 * connection, many}, through the real engine. The table is the run's own result.
 */

import assert from "node:assert/strict";
import type { PluginFactory } from "../../core/mod.ts";
import type { FaultInput } from "../../plugins/emulator/fault_schema.ts";
import { ws } from "../../plugins/ws/mod.ts";
import {
  type Cell,
  type CellResult,
  type FaultBed,
  openFaultBed,
  type Way,
} from "../helpers/fault_cell.ts";

const SIZE = 256 * 1024 + 17;
const MANY = 8;
/** Where silence must be found: three of these, which a busy machine must not reach by itself. */
const PING_INTERVAL = 700;
/** Rows at work at once, each with an emulator of its own meanwhile. */
const WORKERS = 12;

const places = ["before", "middle", "end"] as const;
type Place = (typeof places)[number];

interface Strike {
  readonly place: Place;
  readonly way: Way;
  readonly afterBytes: number;
  /** Which connections are struck, where not every one at every attempt. */
  readonly connection: number[];
}

/** What is to come of a cell: how it may be said, and how much of the payload arrives. */
interface Outcome {
  readonly said: readonly string[];
  readonly bytes: "all" | "up to the fault" | "at most up to the fault";
}

interface Row {
  readonly name: string;
  readonly fault: (strike: Strike) => FaultInput;
  readonly places: readonly Place[];
  readonly ways: readonly Way[];
  readonly outcome: (strike: Strike) => Outcome;
  /** The client ends its upload itself: nothing else would. */
  readonly clientEnds?: true;
  /** The engine must know that this service answers pings. */
  readonly pings?: true;
  /** One connection and many are run side by side: each takes half a minute. */
  readonly slow?: true;
  readonly size?: number;
  readonly counts?: readonly number[];
  readonly sessionsLeft?: "owed" | "lost";
}

const everywhere = { places, ways: ["down", "up"] } as const;
const all: Outcome = { said: ["closed remote-closed", "closed local-closed"], bytes: "all" };

/** A fault that ends an open WebSocket: what came before arrives, and nothing else. */
function ending(
  name: string,
  fault: (strike: Strike) => FaultInput,
  reasons: readonly string[],
  bytes: Outcome["bytes"] = "up to the fault",
): Row {
  const said = reasons.map((reason) => `closed ${reason}`);
  return { name, fault, ...everywhere, outcome: () => ({ said, bytes }) };
}

/** A fault that the engine must not even notice. */
function harmless(name: string, fault: (strike: Strike) => FaultInput): Row {
  return { name, fault, ...everywhere, outcome: () => all, clientEnds: true };
}

const on = ({ way, afterBytes }: Strike) => ({ at: "stream", direction: way, afterBytes }) as const;

const closeCodes = [
  ...[1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 4999],
];

function closing(code: number): Row {
  // With nothing received, a quick 1011 is how the service says that the target refuses.
  const reasons = code === 1000
    ? ["remote-closed"]
    : code === 1011
    ? ["peer-closed", "target-refused"]
    : ["peer-closed"];
  return ending(`close ${code}`, (strike) => ({ ...on(strike), kind: "close", code }), reasons);
}

function streamRows(wholeMessagesOnly: boolean): Row[] {
  const cut = ["peer-cut"];
  const breach = ["peer-protocol"];
  return [
    ending("fin", (strike) => ({ ...on(strike), kind: "fin" }), cut),
    ending("fin beneath TLS", (s) => ({ ...on(s), kind: "fin", closeNotify: false }), cut),
    // A reset takes along what is still on its way to us.
    {
      ...ending("rst", (strike) => ({ ...on(strike), kind: "rst" }), cut),
      outcome: ({ way }) => ({
        said: ["closed peer-cut"],
        bytes: way === "up" ? "up to the fault" : "at most up to the fault",
      }),
    },
    {
      ...ending("mid-frame", (strike) => ({ ...on(strike), kind: "mid-frame" }), cut),
      outcome: ({ way }) => ({
        said: ["closed peer-cut"],
        bytes: wholeMessagesOnly && way === "down" ? "at most up to the fault" : "up to the fault",
      }),
    },
    ending("empty-message", (strike) => ({ ...on(strike), kind: "empty-message" }), [
      "remote-closed",
    ]),
    ending("rsv1", (strike) => ({ ...on(strike), kind: "rsv1" }), breach),
    ending("impossible-length", (s) => ({ ...on(s), kind: "impossible-length" }), breach),
    {
      ...ending("silence", (strike) => ({ ...on(strike), kind: "silence" }), ["peer-silent"]),
      places: ["middle", "end"],
      pings: true,
    },
    {
      // Nothing has been sent: a fresh session after 15 s, and all is well.
      ...harmless("101-then-silence", ({ connection }) => ({
        at: "stream",
        kind: "silence",
        connection,
      })),
      places: ["before"],
      ways: ["down"],
      slow: true,
    },
    harmless("text", (strike) => ({ ...on(strike), kind: "text" })),
    harmless("fragments", (strike) => ({ ...on(strike), kind: "fragments", bytes: 999 })),
    harmless("long-lengths", (strike) => ({ ...on(strike), kind: "long-lengths" })),
    harmless("giant-message", (s) => ({ ...on(s), kind: "giant-message", bytes: SIZE })),
    harmless("stall", (strike) => ({ ...on(strike), kind: "stall", ms: 300 })),
    harmless("slow", (strike) => ({ ...on(strike), kind: "slow", bytes: 32_768, ms: 50 })),
    {
      ...harmless("latency", () => ({ at: "stream", kind: "latency", ms: 40 })),
      places: ["before"],
    },
  ];
}

/** Faults of the handshake and of HTTP answers come before the first byte. */
const beforeTheFirst = { places: ["before"], ways: ["down", "up"] } as const;

function failing(name: string, fault: FaultInput, codes: readonly string[]): Row {
  const said = codes.map((code) => `failed ${code}`);
  return {
    name,
    fault: () => fault,
    ...beforeTheFirst,
    outcome: () => ({ said, bytes: "up to the fault" }),
  };
}

const upgrade = { at: "upgrade" } as const;
const handshakeRows: Row[] = [
  {
    ...failing("101-then-400", { ...upgrade, kind: "101-then-400" }, []),
    outcome: () => ({
      said: ["failed upgrade-broken", "closed peer-protocol", "closed peer-cut"],
      bytes: "up to the fault",
    }),
  },
  failing("101-without-headers", { ...upgrade, kind: "101-without-headers" }, ["upgrade-broken"]),
  failing("101-wrong-accept", { ...upgrade, kind: "101-wrong-accept" }, ["upgrade-broken"]),
  {
    ...harmless("101-keep-alive", () => ({ ...upgrade, kind: "101-keep-alive" })),
    ...beforeTheFirst,
  },
];

const tokenCodes: Readonly<Record<number, string>> = {
  401: "token-unauthorized",
  403: "token-forbidden",
  404: "token-not-found",
  429: "token-throttled",
};

function replyRows(at: "token" | "upgrade"): Row[] {
  const isToken = at === "token";
  const broken = isToken ? ["http-failed"] : ["upgrade-broken"];
  const unreadable = isToken ? ["token-unreadable"] : ["upgrade-refused"];
  return [
    ...[400, 401, 403, 404, 429, 500, 502, 503].map((status) => {
      const refused = status === 403 ? "upgrade-forbidden" : "upgrade-refused";
      const code = isToken ? tokenCodes[status] ?? "token-refused" : refused;
      return failing(`${at}: ${status}`, { at, kind: "status", status, body: "html" }, [code]);
    }),
    {
      ...harmless(`${at}: 503, Retry-After`, ({ connection }) => ({
        at,
        kind: "status",
        status: 503,
        retryAfter: 1,
        connection,
      })),
      ...beforeTheFirst,
    },
    failing(`${at}: not-json`, { at, kind: "not-json" }, unreadable),
    failing(
      `${at}: truncated`,
      { at, kind: "truncated" },
      isToken ? ["http-truncated"] : unreadable,
    ),
    failing(
      `${at}: huge-body`,
      { at, kind: "huge-body" },
      isToken ? ["http-too-large"] : unreadable,
    ),
    failing(`${at}: fin`, { at, kind: "fin" }, broken),
    failing(`${at}: rst`, { at, kind: "rst" }, broken),
    {
      ...failing(
        `${at}: silence`,
        { at, kind: "silence" },
        isToken ? ["connect-timeout"] : ["upgrade-broken"],
      ),
      ways: ["down"],
      slow: true,
    },
    { ...harmless(`${at}: latency`, () => ({ at, kind: "latency", ms: 500 })), ...beforeTheFirst },
  ];
}

/** A session that cannot be deleted costs no byte, and is deleted later. */
const deleteRows: Row[] = ([
  { at: "delete", kind: "status", status: 500 },
  { at: "delete", kind: "not-json" },
  { at: "delete", kind: "truncated" },
  { at: "delete", kind: "huge-body" },
  { at: "delete", kind: "fin" },
  { at: "delete", kind: "rst" },
  { at: "delete", kind: "silence" },
  { at: "delete", kind: "latency", ms: 500 },
] as const satisfies FaultInput[]).map((fault) => ({
  ...harmless(`delete: ${fault.kind}`, () => fault),
  places: ["end"],
  ways: ["down"],
  // A 200 is an answer, whatever its body says.
  ...(fault.kind === "latency"
    ? {}
    : { sessionsLeft: fault.kind === "not-json" ? "lost" : "owed" }),
}));

const giant: Row = {
  ...harmless("giant-message, 64 MiB", (s) => ({ ...on(s), kind: "giant-message" })),
  places: ["before"],
  ways: ["down"],
  size: 64 * 1024 ** 2,
  counts: [1],
};

interface Line {
  readonly row: Row;
  readonly strike: Strike;
  readonly count: number;
  readonly result: CellResult | undefined;
}

/** Runs the row's cells, one after the other; tells what did not hold. */
async function runRow(
  row: Row,
  counts: readonly number[],
  bed: FaultBed,
  lines: Line[],
): Promise<string[]> {
  const failures: string[] = [];
  for (const [way, place, count] of cellsOf(row, counts)) {
    const size = row.size ?? SIZE;
    const afterBytes = { before: 0, middle: size >> 1, end: size }[place];
    const connection = Array.from({ length: count }, (_, i) => i + 1);
    const strike: Strike = { place, way, afterBytes, connection };
    const cell: Cell = {
      faults: [row.fault(strike)],
      way,
      size,
      count,
      ...(row.pings ? { pingAt: afterBytes - 1 } : {}),
      clientEnds: row.clientEnds ?? false,
      ...(row.sessionsLeft ? { sessionsLeft: row.sessionsLeft } : {}),
    };
    let result: CellResult | undefined;
    try {
      result = await bed.run(cell);
      check(result, row.outcome(strike), strike, size);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      failures.push(`${row.name}, ${way}, ${place}, ${count}: ${message}`);
    }
    lines.push({ row, strike, count, result });
  }
  return failures;
}

function* cellsOf(row: Row, counts: readonly number[]): Generator<[Way, Place, number]> {
  for (const way of row.ways) {
    for (const place of row.places) for (const count of counts) yield [way, place, count];
  }
}

function check({ delivered, said }: CellResult, outcome: Outcome, strike: Strike, size: number) {
  for (const one of said) assert.ok(outcome.said.includes(one), `it was said to have ${one}`);
  const limit = outcome.bytes === "all" ? size : strike.afterBytes;
  for (const bytes of delivered) {
    if (outcome.bytes === "at most up to the fault") assert.ok(bytes <= limit);
    else assert.equal(bytes, limit, "bytes delivered");
  }
  // Of an upload from which nothing arrives, nothing is counted.
  if (strike.way === "up" && limit > 0) assert.equal(delivered.length, said.length);
}

interface Matrix {
  readonly transport: string;
  readonly plugins: readonly PluginFactory[];
  readonly rows: readonly Row[];
}

async function runMatrices(matrices: readonly Matrix[]): Promise<void> {
  const failures: string[] = [];
  const beds: FaultBed[][] = [];
  const tables = matrices.map((matrix) => ({ ...matrix, lines: [] as Line[] }));
  const jobs = tables.flatMap(({ transport, plugins, rows, lines }) => {
    /** Beds of this transport that nobody uses at present: an emulator takes a while to start. */
    const free: FaultBed[] = [];
    beds.push(free);
    return rows.flatMap((row) => {
      const counts = row.counts ?? [1, MANY];
      const groups = row.slow ? counts.map((count) => [count]) : [counts];
      return groups.map((group) => ({
        slow: row.slow ?? false,
        async run() {
          const bed = (row.pings ? undefined : free.pop()) ??
            await openFaultBed(transport, plugins, row.pings ? PING_INTERVAL : 0);
          const failed = await runRow(row, group, bed, lines);
          failures.push(...failed);
          // What has failed may not be at its end: the next row gets a bed of its own.
          if (row.pings || failed.length > 0) await bed[Symbol.asyncDispose]();
          else free.push(bed);
        },
      }));
    });
  }).sort((a, b) => Number(b.slow) - Number(a.slow));
  await Promise.all(Array.from({ length: WORKERS }, async () => {
    for (let job = jobs.shift(); job; job = jobs.shift()) {
      await job.run().catch((error) => failures.push(`a bed failed: ${error}`));
    }
  }));
  await Promise.all(beds.flat().map((bed) => bed[Symbol.asyncDispose]()));
  for (const { transport, rows, lines } of tables) console.log(tableOf(transport, rows, lines));
  assert.deepEqual(failures, []);
}

function tableOf(transport: string, rows: readonly Row[], lines: readonly Line[]): string {
  const head = [`fault (${transport})`, "place", "way", "connections", "bytes delivered", "said"];
  const table = [head];
  for (const row of rows) {
    for (const way of row.ways) {
      for (const place of row.places) {
        const mine = lines.filter(({ row: one, strike }) =>
          one === row && strike.way === way && strike.place === place
        );
        const seen = Map.groupBy(
          mine,
          ({ result }) =>
            result
              ? `${span(result.delivered)}\t${[...new Set(result.said)].join(", ")}`
              : "failed\t",
        );
        for (const [text, same] of seen) {
          const counts = same.map(({ count }) => count).sort((a, b) => a - b).join(" and ");
          table.push([row.name, place, way, counts, ...text.split("\t")]);
        }
      }
    }
  }
  const widths = head.map((_, column) =>
    Math.max(...table.map((line) => line[column]?.length ?? 0))
  );
  return table.map((line) =>
    line.map((text, column) => text.padEnd(widths[column] ?? 0)).join("  ").trimEnd()
  ).join("\n");
}

function span(numbers: readonly number[]): string {
  if (numbers.length === 0) return "0";
  const [least, most] = [Math.min(...numbers), Math.max(...numbers)];
  return least === most ? String(least) : `${least} to ${most}`;
}

Deno.test("every fault, before, in the middle and at the end, for one connection and many", () =>
  runMatrices([
    {
      transport: "webtunnel",
      plugins: [],
      rows: [
        ...streamRows(false),
        giant,
        ...closeCodes.map(closing),
        ...handshakeRows,
        ...replyRows("token"),
        ...replyRows("upgrade"),
        ...deleteRows,
      ],
    },
    {
      transport: "ws",
      plugins: [ws],
      // Sessions and silence are the same for every transport.
      rows: [
        ...streamRows(true),
        ...[1000, 1001, 1011].map(closing),
        ...handshakeRows,
        ...replyRows("upgrade"),
      ].filter(({ slow }) => !slow),
    },
  ]));
