/** Whether everything that was seen of a soak goes together: clients, far side, events. Pure. */

import type { FaultInput } from "../../plugins/emulator/fault_schema.ts";
import { mayCut, mayStop } from "./fault_mix.ts";
import { HEAD } from "./plan.ts";
import type { ClientResult } from "./soak_client.ts";

export interface SoakRecord {
  readonly clients: readonly ClientResult[];
  /** Payload bytes that came to the far side, by the client's id. */
  readonly arrived: ReadonlyMap<number, number>;
  /** What the program printed, in order; left out where it has printed none. */
  readonly events?: readonly { readonly event: string; readonly [field: string]: unknown }[];
  /** Which faults were in force from when on, by `performance.now()`; in order. */
  readonly rounds: readonly Round[];
}

export interface Round {
  readonly from: number;
  readonly faults: readonly FaultInput[];
}

export interface Account {
  readonly problems: readonly string[];
  readonly complete: number;
  readonly cut: number;
  readonly stuck: number;
  readonly reset: number;
  readonly opened: number;
  readonly failed: number;
  readonly endedBadly: number;
}

interface Told {
  opened: number;
  failed: number;
  closed: number;
  bad: boolean;
  bytesUp: number;
  bytesDown: number;
}

export function account(record: SoakRecord): Account {
  const problems: string[] = [];
  const told = readEvents(record.events ?? [], problems);
  const sums = { complete: 0, cut: 0, stuck: 0, reset: 0 };
  const left = [...told.values()];
  const whole: ClientResult[] = [];
  const partly: ClientResult[] = [];
  let unseen = 0;

  for (const client of record.clients) {
    const { plan, how, received, problem } = client;
    const arrived = record.arrived.get(plan.id) ?? 0;
    if (problem) problems.push(`client ${plan.id} (${plan.ending}): ${problem}`);
    if (how === "reset") {
      sums.reset++;
      // A client that is gone before it was accepted is nobody's connection.
      if (plan.ending === "reset-early") unseen++;
    } else if (received === plan.down && arrived === plan.up && record.arrived.has(plan.id)) {
      sums.complete++;
      whole.push(client);
    } else {
      sums[how === "stuck" ? "stuck" : "cut"]++;
      if (how === "ended") partly.push(client);
      const explains = how === "stuck" ? mayStop : mayCut;
      if (!faultsDuring(client, record.rounds).some(explains)) {
        problems.push(
          `client ${plan.id} (${plan.ending}) is ${how} without a fault: ` +
            `${arrived} of ${plan.up} bytes up, ${received} of ${plan.down} down`,
        );
      }
    }
  }

  if (record.events) matchClients();

  function matchClients(): void {
    const least = record.clients.length - unseen;
    if (told.size < least || told.size > record.clients.length) {
      problems.push(`${record.clients.length} clients, ${told.size} connections were told of`);
    }
    const take = (fits: (one: Told) => boolean) => {
      const at = left.findIndex(fits);
      if (at >= 0) left.splice(at, 1);
      return at >= 0;
    };
    // Sizes are hardly ever the same, so that each client finds its own connection.
    for (const { plan } of whole) {
      const up = HEAD + plan.up;
      if (!take((one) => one.closed === 1 && one.bytesUp === up && one.bytesDown === plan.down)) {
        problems.push(`no connection was told of with ${up} bytes up and ${plan.down} down`);
      }
    }
    for (const { plan, received } of partly) {
      if (!take((one) => one.bytesDown === received)) {
        problems.push(`client ${plan.id} got ${received} bytes, and no connection says so`);
      }
    }
  }

  const all = [...told.values()];
  return {
    problems,
    ...sums,
    opened: all.filter(({ opened }) => opened > 0).length,
    failed: all.filter(({ failed }) => failed > 0).length,
    endedBadly: all.filter(({ bad, closed }) => bad && closed > 0).length,
  };
}

/** Each exactly once: opened or failed; closed after opened. */
function readEvents(
  events: NonNullable<SoakRecord["events"]>,
  problems: string[],
): Map<number, Told> {
  const told = new Map<number, Told>();
  for (const { event, connection, bytesUp, bytesDown, code, message, hint } of events) {
    if (!event.startsWith("connection-")) continue;
    const number = Number(connection);
    const one = told.get(number) ??
      { opened: 0, failed: 0, closed: 0, bad: false, bytesUp: 0, bytesDown: 0 };
    told.set(number, one);
    if (event === "connection-opened") one.opened++;
    if (event === "connection-failed") one.failed++;
    if (event === "connection-closed") {
      if (one.opened === 0) problems.push(`connection ${number} was closed before it was opened`);
      one.closed++;
      one.bytesUp = Number(bytesUp);
      one.bytesDown = Number(bytesDown);
    }
    if (code === undefined) continue;
    one.bad = true;
    if (!message || !hint) {
      problems.push(`connection ${number}: ${code} has no message, or no hint`);
    }
  }
  for (const [number, { opened, failed, closed }] of told) {
    if (opened + failed !== 1 || closed !== opened) {
      problems.push(`connection ${number}: opened ${opened}, failed ${failed}, closed ${closed}`);
    }
  }
  for (let number = 1; number <= told.size; number++) {
    if (!told.has(number)) problems.push(`nothing was told of connection ${number}`);
  }
  return told;
}

function faultsDuring(client: ClientResult, rounds: readonly Round[]): FaultInput[] {
  return rounds.flatMap(({ from, faults }, at) => {
    const until = rounds[at + 1]?.from ?? Number.POSITIVE_INFINITY;
    return until >= client.startedAt && from <= client.endedAt ? faults : [];
  });
}
