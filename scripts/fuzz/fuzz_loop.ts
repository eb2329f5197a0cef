/** Tries changed inputs on a target, and keeps those that reach what none has reached before. */

import type { Coverage } from "./coverage.ts";
import { mutate } from "./mutate.ts";
import { createRandom } from "./random.ts";
import { readSeedFiles, writeSeedFile } from "./seed_files.ts";
import type { SharedInput } from "./shared_input.ts";
import type { FuzzTarget } from "./target.ts";

export interface FuzzRequest {
  readonly cases: number;
  readonly seconds: number;
  readonly seed: number;
  /** Whether inputs that reached something new are written to tests/fixtures/fuzz. */
  readonly save: boolean;
}

export interface FuzzCrash {
  readonly file: string;
  readonly problem: string;
}

export interface FuzzReport {
  readonly cases: number;
  readonly seconds: number;
  /** Inputs that were kept, the first ones included. */
  readonly corpus: number;
  /** Characters of code reached. */
  readonly coverage: number;
  readonly outcomes: Readonly<Record<string, number>>;
  /** Heap in use at a tenth of the cases and at the end, garbage collected, in bytes. */
  readonly heap: readonly [number, number];
  readonly crashes: readonly FuzzCrash[];
}

/** A look at the coverage costs as much as some hundred cases: one look for so many. */
const BATCH = 512;
const MAX_BATCH_MS = 200;
/**
 * Watched code is up to eight times as slow: between two watched batches so many go unwatched, at
 * most, the more the longer nothing new is found.
 */
const MAX_UNWATCHED = 64 * BATCH;
const MAX_UNWATCHED_MS = 10_000;
const MAX_CRASHES = 10;

export async function fuzz(
  target: FuzzTarget,
  request: FuzzRequest,
  coverage: Coverage,
  shared: SharedInput,
): Promise<FuzzReport> {
  const random = createRandom(request.seed);
  const encoder = new TextEncoder();
  const tokens = target.tokens.map((token) => encoder.encode(token));
  const corpus: Uint8Array[] = [];
  const outcomes: Record<string, number> = {};
  const crashes = new Map<string, FuzzCrash>();
  const started = performance.now();
  const elapsed = () => (performance.now() - started) / 1000;
  let cases = 0;
  let unwatched = BATCH;
  let heapBefore: number | undefined;

  /** Whether the kind of result is a new one. */
  async function tryInput(input: Uint8Array): Promise<boolean> {
    shared.begin(input);
    cases++;
    try {
      const result = target.run(input.slice());
      const outcome = typeof result === "string" ? result : await result;
      const times = outcomes[outcome] ?? 0;
      outcomes[outcome] = times + 1;
      return times === 0;
    } catch (error) {
      await noteCrash(input, error);
      return false;
    } finally {
      shared.end();
    }
  }

  async function noteCrash(input: Uint8Array, error: unknown): Promise<void> {
    const problem = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    const place = error instanceof Error ? /\n\s+at .*/.exec(error.stack ?? "")?.[0] ?? "" : "";
    const key = place || problem;
    if (crashes.has(key) || crashes.size >= MAX_CRASHES) return;
    const file = await writeSeedFile(target.name, "crash", input);
    crashes.set(key, { file, problem: problem.slice(0, 500) + place });
  }

  async function keep(input: Uint8Array): Promise<void> {
    corpus.push(input);
    if (request.save) await writeSeedFile(target.name, "seed", input);
  }

  function mutated(): Uint8Array {
    const one = corpus[random.below(corpus.length)] ?? new Uint8Array();
    const other = corpus[random.below(corpus.length)] ?? one;
    return mutate(one, random, { tokens, maxLength: target.maxLength, other });
  }

  /** Tries some, and tells which. */
  async function tryMany(most: number, ms: number): Promise<Uint8Array[]> {
    const batch: Uint8Array[] = [];
    const end = performance.now() + ms;
    while (batch.length < most && cases < request.cases && performance.now() < end) {
      const input = mutated();
      batch.push(input);
      if (await tryInput(input)) await keep(input);
    }
    return batch;
  }

  /**
   * Tries some; where they reached new code, each is tried again alone, to see which it was.
   * @returns whether they have
   */
  async function runBatch(): Promise<boolean> {
    const batch = await tryMany(BATCH, MAX_BATCH_MS);
    if (!await coverage.look(false)) return false;
    for (const input of batch) {
      await tryInput(input);
      if (await coverage.look(true)) await keep(input);
    }
    return true;
  }

  const first = [
    ...target.seeds.map((seed) => typeof seed === "string" ? encoder.encode(seed) : seed),
    ...(await readSeedFiles(target.name)).values(),
  ];
  for (const input of first) {
    await tryInput(input);
    await coverage.look(true);
    corpus.push(input);
  }
  while (cases < request.cases && elapsed() < request.seconds && crashes.size < MAX_CRASHES) {
    if (await runBatch()) unwatched = BATCH;
    else {
      await coverage.pause();
      await tryMany(unwatched, Math.min(MAX_UNWATCHED_MS, request.seconds * 100));
      await coverage.resume();
      unwatched = Math.min(2 * unwatched, MAX_UNWATCHED);
    }
    const tenth = Math.max(cases / request.cases, elapsed() / request.seconds) >= 0.1;
    if (tenth) heapBefore ??= heapInUse();
  }
  return {
    cases,
    seconds: elapsed(),
    corpus: corpus.length,
    coverage: coverage.size,
    outcomes,
    heap: [heapBefore ?? heapInUse(), heapInUse()],
    crashes: [...crashes.values()],
  };
}

function heapInUse(): number {
  // Given by --v8-flags=--expose-gc; without it garbage would look like growth.
  const collect: unknown = Reflect.get(globalThis, "gc");
  if (typeof collect !== "function") throw new Error("run it by `deno task fuzz`");
  collect();
  return Deno.memoryUsage().heapUsed;
}
