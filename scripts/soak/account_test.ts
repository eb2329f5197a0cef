import assert from "node:assert/strict";
import { account, type SoakRecord } from "./account.ts";
import { HEAD, type Plan } from "./plan.ts";
import type { ClientResult } from "./soak_client.ts";

function client(id: number, changes: Partial<ClientResult & Plan> = {}): ClientResult {
  const plan: Plan = {
    id,
    up: 10 * id,
    down: 100 * id,
    upWrite: 1,
    downWrite: 1,
    idleFirst: 0,
    idleMiddle: 0,
    resetAt: 1,
    ending: changes.ending ?? "far",
  };
  return { plan, startedAt: 10, endedAt: 20, received: 100 * id, how: "ended", ...changes };
}

const opened = (connection: number) => ({ event: "connection-opened", connection });
const failed = (connection: number) => ({
  event: "connection-failed",
  connection,
  code: "x",
  message: "m",
  hint: "h",
});
const closed = (connection: number, bytesUp: number, bytesDown: number, code?: string) => ({
  event: "connection-closed",
  connection,
  bytesUp: HEAD + bytesUp,
  bytesDown,
  ...(code === undefined ? {} : { code, message: "m", hint: "h" }),
});

/** Two clients in good order. */
const good: SoakRecord = {
  clients: [client(1), client(2)],
  arrived: new Map([[1, 10], [2, 20]]),
  events: [opened(1), opened(2), closed(2, 20, 200), closed(1, 10, 100)],
  rounds: [{ from: 0, faults: [] }],
};
const cutting = [{ from: 0, faults: [{ at: "stream", kind: "rst" }] }] as const;
const harmless = [{ from: 0, faults: [{ at: "stream", kind: "text" }] }] as const;
const before = [cutting[0], { from: 5, faults: [] }] as const;

const cases: [name: string, changes: Partial<SoakRecord>, problem?: RegExp][] = [
  ["all is well", {}],
  ["a byte is lost", { clients: [client(1, { received: 99 }), client(2)] }, /without a fault/],
  ["a byte is lost upwards", { arrived: new Map([[1, 9], [2, 20]]) }, /without a fault/],
  [
    "a fault explains it",
    {
      clients: [client(1, { received: 99 }), client(2)],
      events: [opened(1), opened(2), closed(2, 20, 200), closed(1, 10, 99, "peer-cut")],
      rounds: cutting,
    },
  ],
  [
    "a fault that harms nobody explains nothing",
    { arrived: new Map([[1, 9], [2, 20]]), rounds: harmless },
    /without a fault/,
  ],
  [
    "a fault of before explains nothing",
    { arrived: new Map([[1, 9], [2, 20]]), rounds: before },
    /without a fault/,
  ],
  [
    "a standstill is more than a cut",
    { clients: [client(1, { received: 9, how: "stuck" }), client(2)], rounds: cutting },
    /is stuck without a fault/,
  ],
  [
    "a byte is doubled",
    { clients: [client(1, { problem: "wrong bytes came down" }), client(2)] },
    /wrong bytes/,
  ],
  ["a client is not told of", { events: [opened(1), closed(1, 10, 100)] }, /2 clients, 1 conn/],
  [
    "a client that is gone at once may not be told of",
    {
      clients: [client(1), client(2, { ending: "reset-early", how: "reset", received: 0 })],
      events: [opened(1), closed(1, 10, 100)],
    },
  ],
  ["closed twice", { events: [...good.events ?? [], closed(1, 10, 100)] }, /closed 2/],
  ["never closed", { events: [opened(1), opened(2), closed(2, 20, 200)] }, /closed 0/],
  ["opened and failed", { events: [...good.events ?? [], failed(2)] }, /opened 1, failed 1/],
  ["a number is missing", {
    events: [opened(1), closed(1, 10, 100), opened(3), closed(3, 20, 200)],
  }, /nothing was told of connection 2/],
  [
    "a wrong count",
    { events: [opened(1), opened(2), closed(2, 20, 200), closed(1, 10, 101)] },
    /no connection was told of/,
  ],
  [
    "no word to the user",
    { events: [...good.events ?? []].map((one) => ({ code: "x", ...one })) },
    /has no message/,
  ],
];

Deno.test("account: finds whatever does not agree", () => {
  for (const [name, changes, problem] of cases) {
    const { problems } = account({ ...good, ...changes });
    if (problem) assert.match(problems.join("\n"), problem, name);
    else assert.deepEqual(problems, [], name);
  }
});
