/** What goes wrong for the next while: some of the emulator's faults, drawn from a seed. */

import type { FaultInput } from "../../plugins/emulator/fault_schema.ts";
import type { Random } from "../fuzz/random.ts";

type Draw = (random: Random) => FaultInput;

const KIB = 1024;
/** Longer than any client's patience; a stall for good would keep the emulator from seeing the end. */
const STANDSTILL = 40_000;
const STATUSES = [400, 401, 403, 404, 429, 500, 502, 503] as const;
const CLOSE_CODES = [
  ...([
    1000,
    1001,
    1002,
    1003,
    1007,
    1008,
    1009,
    1010,
    1011,
    1012,
    1013,
    1014,
    3000,
    4999,
  ] as const),
] as const;

function strike(random: Random) {
  const size = random.below(4) === 0 ? 0 : Math.floor(2 ** (20 * random.below(1000) / 1000));
  return {
    at: "stream",
    afterBytes: size,
    direction: random.pick<"up" | "down">(["up", "down"]),
  } as const;
}

function replies(at: "token" | "upgrade"): Draw[] {
  return [
    (random) => ({
      at,
      kind: "status",
      status: random.pick(STATUSES),
      body: random.pick<"json" | "html" | "empty">(["json", "html", "empty"]),
      ...(random.below(2) ? { retryAfter: random.below(3) } : {}),
    }),
    () => ({ at, kind: "not-json" }),
    () => ({ at, kind: "truncated" }),
    () => ({ at, kind: "huge-body", bytes: 1024 * KIB }),
    () => ({ at, kind: "fin" }),
    () => ({ at, kind: "rst" }),
    (random) => ({ at, kind: "latency", ms: random.below(800) }),
  ];
}

/** A DELETE that is answered by 200 or 404 counts as done: such lies would leave sessions. */
const deletes: Draw[] = [
  (random) => ({ at: "delete", kind: "status", status: random.pick([429, 500, 503]) }),
  () => ({ at: "delete", kind: "truncated" }),
  () => ({ at: "delete", kind: "huge-body", status: 500, bytes: 1024 * KIB }),
  () => ({ at: "delete", kind: "fin" }),
  () => ({ at: "delete", kind: "rst" }),
  (random) => ({ at: "delete", kind: "latency", ms: random.below(800) }),
];

const handshakes: Draw[] = [
  () => ({ at: "upgrade", kind: "101-then-400" }),
  () => ({ at: "upgrade", kind: "101-without-headers" }),
  () => ({ at: "upgrade", kind: "101-wrong-accept" }),
  () => ({ at: "upgrade", kind: "101-keep-alive" }),
];

const streams: Draw[] = [
  (random) => ({ ...strike(random), kind: "fin", closeNotify: random.below(2) === 0 }),
  (random) => ({ ...strike(random), kind: "rst" }),
  (random) => ({ ...strike(random), kind: "mid-frame" }),
  (random) => ({ ...strike(random), kind: "close", code: random.pick(CLOSE_CODES) }),
  (random) => ({ ...strike(random), kind: "close", code: random.pick(CLOSE_CODES) }),
  (random) => ({ ...strike(random), kind: "empty-message" }),
  (random) => ({ ...strike(random), kind: "rsv1" }),
  (random) => ({ ...strike(random), kind: "impossible-length" }),
  (random) => ({ ...strike(random), kind: "text" }),
  (random) => ({ ...strike(random), kind: "fragments", bytes: 200 + random.below(5000) }),
  (random) => ({ ...strike(random), kind: "long-lengths" }),
  (random) => ({ ...strike(random), kind: "giant-message", bytes: 1 + random.below(1024 * KIB) }),
  (random) => ({ ...strike(random), kind: "stall", ms: random.below(1500) }),
  (random) => ({
    ...strike(random),
    kind: "slow",
    bytes: 32 * KIB + random.below(256 * KIB),
    ms: 50,
  }),
  (random) => ({ at: "stream", kind: "latency", ms: random.below(200) }),
];

/** After these nothing happens any more, until somebody's patience ends. */
const silences: Draw[] = [
  () => ({ at: "token", kind: "silence" }),
  () => ({ at: "upgrade", kind: "silence" }),
  () => ({ at: "delete", kind: "silence" }),
  (random) => ({ ...strike(random), kind: "silence" }),
  (random) => ({ ...strike(random), kind: "stall", ms: STANDSTILL }),
];

const HARMLESS: ReadonlySet<string> = new Set([
  ...["101-keep-alive", "text", "fragments", "long-lengths", "giant-message", "slow", "latency"],
]);

/** Several faults, each of which strikes now and then. */
export function drawFaults(random: Random, withSilences: boolean): FaultInput[] {
  const kinds = [...replies("token"), ...replies("upgrade"), ...deletes, ...handshakes, ...streams];
  const faults: FaultInput[] = [];
  for (let left = 3 + random.below(6); left > 0; left--) {
    const draw = kinds.splice(random.below(kinds.length), 1)[0];
    if (draw) faults.push({ ...draw(random), probability: (5 + random.below(30)) / 100 });
  }
  const draw = silences[random.below(silences.length)];
  // Each costs a client half a minute.
  if (withSilences && draw) faults.unshift({ ...draw(random), probability: 0.02 });
  return faults;
}

/** Whether a connection that it strikes may end before all of its bytes have come. */
export function mayCut(fault: FaultInput): boolean {
  return fault.at !== "delete" && !HARMLESS.has(fault.kind) && !isPause(fault);
}

/** Whether a connection that it strikes may come to a standstill. */
export function mayStop(fault: FaultInput): boolean {
  return fault.at !== "delete" && (fault.kind === "silence" || fault.kind === "stall") &&
    !isPause(fault);
}

function isPause(fault: FaultInput): boolean {
  return fault.kind === "stall" && (fault.ms ?? STANDSTILL) < STANDSTILL;
}
