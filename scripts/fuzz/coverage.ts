/**
 * Which code has run: V8's precise block coverage, by `node:inspector`. Only this project's files
 * count, and only what no earlier look has seen.
 */

import { Session } from "node:inspector";

interface FunctionCoverage {
  /** The function first, then the blocks in it whose counts differ. */
  readonly ranges: readonly {
    readonly startOffset: number;
    readonly endOffset: number;
    readonly count: number;
  }[];
}

interface ScriptCoverage {
  readonly url: string;
  /** Outer functions before the ones in them. */
  readonly functions: readonly FunctionCoverage[];
}

export interface Coverage {
  /**
   * Whether code has run since the last look that never ran before.
   * @param remember whether it counts as seen from now on
   */
  look(remember: boolean): Promise<boolean>;
  /**
   * Until `resume` code runs unseen. Where V8 counts no calls it optimizes, which is up to eight
   * times as fast; but it tells of each function once only then, so that there are no looks.
   */
  pause(): Promise<void>;
  resume(): Promise<void>;
  /** Characters of code that have been seen to run. */
  readonly size: number;
  stop(): void;
}

/** @param wanted whether the file at this URL counts */
export async function startCoverage(wanted: (url: string) => boolean): Promise<Coverage> {
  const session = new Session();
  session.connect();
  const ask = (method: string, params: object = {}) =>
    new Promise<unknown>((resolve, reject) =>
      session.post(
        method,
        params,
        (error: unknown, result: unknown) => error ? reject(error) : resolve(result),
      )
    );
  // Never stopped meanwhile: V8 would throw its counters of blocks away, and make no new ones.
  const start = (callCount: boolean) =>
    ask("Profiler.startPreciseCoverage", { callCount, detailed: true });
  await ask("Profiler.enable");
  await start(true);
  const seen = new Map<string, Uint8Array>();
  let size = 0;

  return {
    get size() {
      return size;
    },
    async pause() {
      await start(false);
    },
    async resume() {
      await start(true);
      // What ran meanwhile counts as not seen: it is taken, and dropped.
      await ask("Profiler.takePreciseCoverage");
    },
    stop: () => session.disconnect(),
    async look(remember) {
      const { result } = await ask("Profiler.takePreciseCoverage") as {
        readonly result: readonly ScriptCoverage[];
      };
      let found = false;
      for (const { url, functions } of result) {
        if (!wanted(url)) continue;
        const now = paint(functions);
        let before = seen.get(url) ?? new Uint8Array();
        if (before.length < now.length) {
          const longer = new Uint8Array(now.length);
          longer.set(before);
          before = longer;
          seen.set(url, before);
        }
        for (let i = 0; i < now.length; i++) {
          if (!now[i] || before[i]) continue;
          found = true;
          if (!remember) break;
          before[i] = 1;
          size++;
        }
      }
      return found;
    },
  };
}

/**
 * One byte a character of source: whether it ran. Ranges are no keys to compare by, since V8 leaves
 * out a block that ran as often as what is around it.
 */
function paint(functions: readonly FunctionCoverage[]): Uint8Array {
  const ranges = functions.flatMap((one) => one.ranges);
  const length = ranges.reduce((most, { endOffset }) => Math.max(most, endOffset), 0);
  const ran = new Uint8Array(length);
  for (const { startOffset, endOffset, count } of ranges) {
    ran.fill(count > 0 ? 1 : 0, startOffset, endOffset);
  }
  return ran;
}
