/**
 * WebSocket frames by the letter of RFC 6455 §5.2, written without a look at core's codec: what
 * that one sends and takes is judged by this one.
 */

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";

export interface ClientFrame {
  readonly fin: boolean;
  readonly opcode: number;
  readonly payload: Uint8Array;
}

/** @throws AssertionError where the bytes are no whole frames, masked and in shortest form */
export function readClientFrames(bytes: Uint8Array): ClientFrame[] {
  const frames: ClientFrame[] = [];
  // Unmasked in place, in one copy: a case has thousands of frames, and an array costs more than it.
  const plain = bytes.slice();
  const view = new DataView(plain.buffer);
  for (let at = 0; at < plain.length;) {
    const first = view.getUint8(at++);
    const second = view.getUint8(at++);
    if ((first & 0x70) !== 0) assert.fail("reserved bits");
    if ((second & 0x80) === 0) assert.fail("a client's frame is masked");
    let length = second & 0x7f;
    if (length === 126) {
      length = view.getUint16(at);
      at += 2;
      if (length <= 125) assert.fail("shortest form");
    } else if (length === 127) {
      length = Number(view.getBigUint64(at));
      at += 8;
      if (length <= 65_535) assert.fail("shortest form");
    }
    const key = at;
    at += 4;
    const end = at + length;
    if (end > plain.length) assert.fail("a frame is whole");
    for (let i = 0; i < length; i++) {
      plain[at + i] = (plain[at + i] ?? 0) ^ (plain[key + (i & 3)] ?? 0);
    }
    frames.push({
      fin: (first & 0x80) !== 0,
      opcode: first & 0x0f,
      payload: plain.subarray(at, end),
    });
    at = end;
  }
  return frames;
}

/** @param form bits of the length field; a longer one than needed is allowed to servers */
export function writeServerFrame(
  opcode: number,
  payload: Uint8Array,
  fin = true,
  form: 7 | 16 | 64 = 7,
): Uint8Array {
  const size = payload.length > 65_535 ? 64 : payload.length > 125 && form === 7 ? 16 : form;
  const head = size === 7 ? 2 : size === 16 ? 4 : 10;
  const out = new Uint8Array(head + payload.length);
  out[0] = (fin ? 0x80 : 0) | opcode;
  out[1] = size === 7 ? payload.length : size === 16 ? 126 : 127;
  // The length's bytes, the lowest last: a view for each frame would cost more than the frame.
  for (let at = head - 1, rest = payload.length; at > 1; at--, rest = Math.floor(rest / 256)) {
    out[at] = rest % 256;
  }
  out.set(payload, head);
  return out;
}

export function joinBytes(parts: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

/** `bytes` in pieces: each cut (0 to 255) is that part of what is left. */
export function cutBytes(bytes: Uint8Array, cuts: Uint8Array): Uint8Array[] {
  const pieces: Uint8Array[] = [];
  let rest = bytes;
  for (const cut of cuts) {
    const at = Math.ceil(rest.length * cut / 256);
    pieces.push(rest.slice(0, at));
    rest = rest.subarray(at);
  }
  return [...pieces, rest.slice()];
}

export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}
