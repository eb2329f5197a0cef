/** Changes an input into one like it. Pure, but for the random numbers. */

import type { Random } from "./random.ts";

/** Bytes at which lengths, signs and texts change their meaning. */
const EDGES: readonly [number, ...number[]] = [
  0x00,
  0x01,
  0x0a,
  0x0d,
  0x20,
  0x22,
  0x2e,
  0x2f,
  0x3a,
  0x7d,
  0x7e,
  0x7f,
  0x80,
  0x82,
  0xff,
];

export interface MutateOptions {
  readonly tokens: readonly Uint8Array[];
  readonly maxLength: number;
  /** Another input, of which a piece may be taken. */
  readonly other: Uint8Array;
}

type Change = (input: Uint8Array, random: Random, options: MutateOptions) => Uint8Array;

const flipBit: Change = (input, random) => {
  const out = input.slice();
  const at = random.below(out.length);
  out[at] = (out[at] ?? 0) ^ (1 << random.below(8));
  return out;
};

const setByte: Change = (input, random) => {
  const out = input.slice();
  out[random.below(out.length)] = random.below(2) ? random.pick(EDGES) : random.below(256);
  return out;
};

const insertBytes: Change = (input, random) => {
  const byte = random.below(2) ? random.pick(EDGES) : random.below(256);
  const many = random.below(8) === 0 ? random.below(300) : 1;
  return splice(input, random.below(input.length + 1), 0, new Uint8Array(many).fill(byte));
};

const removeRange: Change = (input, random) =>
  splice(input, random.below(input.length), 1 + random.below(8), new Uint8Array());

const cutOff: Change = (input, random) => input.slice(0, random.below(input.length + 1));

const repeatRange: Change = (input, random) => {
  const from = random.below(input.length);
  const piece = input.subarray(from, from + 1 + random.below(32));
  return splice(input, random.below(input.length + 1), 0, piece);
};

const insertToken: Change = (input, random, { tokens }) => {
  const token = tokens[random.below(tokens.length)] ?? new Uint8Array();
  const removed = random.below(2) ? 0 : token.length;
  return splice(input, random.below(input.length + 1), removed, token);
};

const takeFromOther: Change = (input, random, { other }) => {
  const from = random.below(other.length);
  const piece = other.subarray(from, from + 1 + random.below(other.length));
  const removed = random.below(2) ? 0 : piece.length;
  return splice(input, random.below(input.length + 1), removed, piece);
};

const CHANGES: readonly [Change, ...Change[]] = [
  flipBit,
  setByte,
  insertBytes,
  removeRange,
  cutOff,
  repeatRange,
  insertToken,
  insertToken,
  takeFromOther,
];

/** One to eight changes; never longer than `maxLength`. */
export function mutate(input: Uint8Array, random: Random, options: MutateOptions): Uint8Array {
  let out = input;
  for (let left = 1 << random.below(4); left > 0; left--) {
    // Most changes need something to change.
    const from = out.length > 0 ? out : new Uint8Array(1);
    out = random.pick(CHANGES)(from, random, options).subarray(0, options.maxLength);
  }
  return out;
}

function splice(input: Uint8Array, at: number, removed: number, added: Uint8Array): Uint8Array {
  const rest = input.subarray(Math.min(input.length, at + removed));
  const out = new Uint8Array(at + added.length + rest.length);
  out.set(input.subarray(0, at));
  out.set(added, at);
  out.set(rest, at + added.length);
  return out;
}
