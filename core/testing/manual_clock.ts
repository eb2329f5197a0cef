/** A clock that stands still until it is told to go on. */

import type { Clock } from "../clock.ts";

export interface ManualClock extends Clock {
  /** Lets `ms` pass: what falls due runs, in order, and what it causes gets its turn. */
  advance(ms: number): Promise<void>;
  /** How many callbacks are due some day; 0 where everything has been cancelled. */
  readonly pending: number;
}

export function createManualClock(start = Date.UTC(2030, 0, 1)): ManualClock {
  let now = 0;
  const due = new Set<{ readonly at: number; readonly callback: () => void }>();
  const after = (ms: number, callback: () => void) => {
    const entry = { at: now + ms, callback };
    due.add(entry);
    return () => void due.delete(entry);
  };
  return {
    now: () => now,
    date: () => new Date(start + now),
    after,
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason);
        const cancel = after(ms, resolve);
        signal?.addEventListener("abort", () => {
          cancel();
          reject(signal.reason);
        }, { once: true });
      }),
    async advance(ms) {
      const end = now + ms;
      await turn();
      for (;;) {
        const [next] = [...due].filter(({ at }) => at <= end).sort((a, b) => a.at - b.at);
        if (next === undefined) break;
        now = next.at;
        due.delete(next);
        next.callback();
        await turn();
      }
      now = end;
    },
    get pending() {
      return due.size;
    },
  };
}

/** Every promise that can settle has settled when a timer's turn comes. */
function turn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}
