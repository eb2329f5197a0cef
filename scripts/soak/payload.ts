/** Bytes that say whose they are and where they belong: what is lost, doubled or another's shows. */

import { Buffer } from "node:buffer";

/** A prime: no block size divides it. */
const PERIOD = 1_048_573;
const MAX_PIECE = 256 * 1024;

const source = new Uint8Array(PERIOD + MAX_PIECE);
for (let at = 0, state = 1; at < source.length; at++) {
  state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
  source[at] = at < PERIOD ? state >>> 24 : source[at - PERIOD] ?? 0;
}

export interface Payload {
  /** The bytes from `at` on; `size` of them, or as many as are handed out at once. */
  piece(at: number, size: number): Uint8Array;
  /** Whether `bytes` are those from `at` on. */
  matches(bytes: Uint8Array, at: number): boolean;
}

/** The payload of client `id` in one direction. */
export function payloadOf(id: number, way: "up" | "down"): Payload {
  const start = (id * 7919 * 2 + (way === "up" ? 0 : 524_287)) % PERIOD;
  const piece = (at: number, size: number) => {
    const from = (start + at) % PERIOD;
    return source.subarray(from, from + Math.min(size, MAX_PIECE));
  };
  return {
    piece,
    matches(bytes, at) {
      for (let done = 0; done < bytes.length;) {
        const wanted = piece(at + done, bytes.length - done);
        if (Buffer.compare(wanted, bytes.subarray(done, done + wanted.length)) !== 0) return false;
        done += wanted.length;
      }
      return true;
    },
  };
}
