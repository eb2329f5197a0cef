/** Which faults strike which event. What a fault does is `*_fault.ts`'s affair. */

import type { Fault, FaultPlace, ReplyFault, StreamFault, UpgradeFault } from "./fault_schema.ts";
import type { Stats } from "./stats.ts";

/** A fault that happens to an event at `Place`, other than coming late. */
export type StrikingFault<Place extends FaultPlace> = Place extends "stream" ? StreamFault
  : Place extends "upgrade" ? UpgradeFault
  : ReplyFault;

export interface Strike<Place extends FaultPlace> {
  /** Sum of all latencies that apply, in ms. */
  readonly latency: number;
  /** The first other fault of the list that applies. */
  readonly fault?: StrikingFault<Place>;
}

export interface Faults {
  /** A new list in place of the old one; every count starts anew. */
  replace(list: readonly Fault[], seed?: number): void;
  /** Asks, once an event, what is to go wrong with it. */
  strike<Place extends FaultPlace>(at: Place, host?: string, path?: string): Strike<Place>;
}

export function createFaults(stats: Stats): Faults {
  let rules: { fault: Fault; seen: number }[] = [];
  let random = Math.random;
  return {
    replace(list, seed) {
      rules = list.map((fault) => ({ fault, seen: 0 }));
      random = seed === undefined ? Math.random : seededRandom(seed);
    },
    strike<Place extends FaultPlace>(at: Place, host?: string, path = ""): Strike<Place> {
      let latency = 0;
      let struck: StrikingFault<Place> | undefined;
      for (const rule of rules) {
        const { fault } = rule;
        if (fault.at !== at || (fault.host !== undefined && fault.host !== host)) continue;
        if (!path.toLowerCase().includes(fault.path?.toLowerCase() ?? "")) continue;
        // Counted whether or not an earlier rule strikes: "the third connection" is the third.
        rule.seen++;
        if (!isDue(fault, rule.seen, random)) continue;
        if (fault.kind === "latency") latency += fault.ms;
        else if (!struck) struck = fault as StrikingFault<Place>;
      }
      if (latency > 0 || struck) stats.faultsStruck++;
      return struck ? { latency, fault: struck } : { latency };
    },
  };
}

function isDue(fault: Fault, count: number, random: () => number): boolean {
  const { connection, probability } = fault;
  if (connection !== undefined && ![connection].flat().includes(count)) return false;
  return probability === undefined || random() < probability;
}

/** Mulberry32: 32 bits of state, the same sequence for the same seed. */
function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}
