/** What one client of the soak does with its connection: drawn from a seed, told to the far side. */

import type { Random } from "../fuzz/random.ts";

export interface Plan {
  /** No two clients have the same. */
  readonly id: number;
  /** Payload bytes that the client sends, and that it is to get. */
  readonly up: number;
  readonly down: number;
  /** Bytes of one write of the client's, and of the far side's. */
  readonly upWrite: number;
  readonly downWrite: number;
  /** Milliseconds in which nothing is said: before the first byte, and in the middle, either way. */
  readonly idleFirst: number;
  readonly idleMiddle: number;
  readonly ending: Ending;
  /** Where it resets: after so many bytes have come. */
  readonly resetAt: number;
}

/**
 * `far`: the far side ends when it has everything and has sent everything. `half-close`: the client
 * ends its side first, and gets the rest. `leave`: the client sends, and closes without a look back.
 * `reset`: RST in the middle. `reset-early`: RST while the way is still being opened.
 */
export type Ending = "far" | "half-close" | "leave" | "reset" | "reset-early";

const ENDINGS: readonly [Ending, ...Ending[]] = [
  ...(["far", "far", "far", "half-close", "half-close", "leave", "reset", "reset-early"] as const),
];
const MAX_SIZE = 4 * 1024 ** 2;
const MAX_WRITE = 128 * 1024;
const MAX_WRITES = 2000;

/** Of the message with which a client begins: id, up, down, size of writes, idle. */
export const HEAD = 20;

export function drawPlan(id: number, random: Random): Plan {
  // As many small ones as large ones, on a scale of orders of magnitude.
  const size = (most: number) => Math.floor((most + 1) ** (random.below(1000) / 1000));
  const ending = random.pick(ENDINGS);
  const up = size(MAX_SIZE) - 1;
  const down = ending === "leave" ? 0 : size(MAX_SIZE) - 1;
  return {
    id,
    up,
    down,
    // Megabytes in writes of some bytes would be all that there is time for.
    upWrite: Math.max(size(MAX_WRITE), Math.ceil(up / MAX_WRITES)),
    downWrite: Math.max(size(MAX_WRITE), Math.ceil(down / MAX_WRITES)),
    idleFirst: random.below(4) === 0 ? random.below(1500) : 0,
    idleMiddle: random.below(3) === 0 ? random.below(800) : 0,
    ending,
    resetAt: 1 + random.below(Math.max(1, down)),
  };
}

export function encodeHead({ id, up, down, downWrite, idleMiddle }: Plan): Uint8Array {
  return new Uint8Array(Uint32Array.of(id, up, down, downWrite, idleMiddle).buffer);
}

export type Head = Pick<Plan, "id" | "up" | "down" | "downWrite" | "idleMiddle">;

export function decodeHead(bytes: Uint8Array): Head {
  const [id = 0, up = 0, down = 0, downWrite = 1, idleMiddle = 0] = new Uint32Array(
    bytes.slice(0, HEAD).buffer,
  );
  return { id, up, down, downWrite, idleMiddle };
}
