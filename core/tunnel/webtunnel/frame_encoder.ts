/**
 * Client frames of RFC 6455 §5: pure, and without allocation per frame.
 *
 * Every data message is one unfragmented binary frame (the service rejects continuation frames);
 * as many frames as it takes are packed behind each other, to be sent in one write.
 */

export const OPCODE = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

/** Longest payload of a control frame (§5.5). */
export const MAX_CONTROL_PAYLOAD = 125;

const FIN = 0x80;
const MASKED = 0x80;
const MASK_BYTES = 4;

/** Mask keys come from the CSPRNG in batches: one call a frame would cost more than the masking. */
const maskKeys = new Uint32Array(1024);
let maskKeysLeft = 0;

function nextMaskKey(): number {
  if (maskKeysLeft === 0) {
    crypto.getRandomValues(maskKeys);
    maskKeysLeft = maskKeys.length;
  }
  const key = maskKeys[--maskKeysLeft] ?? 0;
  // A key is used once, and then not kept.
  maskKeys[maskKeysLeft] = 0;
  return key;
}

const oneKey = new Uint32Array(1);
const oneKeyBytes = new Uint8Array(oneKey.buffer);

/** Bytes of a frame's header, mask key included. */
function headerLength(payloadLength: number): number {
  return 2 + (payloadLength < 126 ? 0 : payloadLength < 65_536 ? 2 : 8) + MASK_BYTES;
}

/** Room that {@linkcode encodeMessages} needs at most: frames, headers, alignment. */
export function encodedLimit(payloadLength: number, frameSize: number): number {
  const frames = Math.max(1, Math.ceil(payloadLength / frameSize));
  return payloadLength + frames * headerLength(frameSize) + 3;
}

/**
 * Writes `payload` into `out` as binary messages of at most `frameSize` bytes each.
 *
 * Both buffers must begin at a multiple of four. The first frame begins at `out[0]` to `out[3]`,
 * so that its payload is aligned too and can be masked by the word; so are the others where
 * `frameSize` is a multiple of four.
 * @returns the part of `out` that was written
 */
export function encodeMessages(
  payload: Uint8Array,
  frameSize: number,
  out: Uint8Array,
): Uint8Array {
  const start = (4 - (headerLength(Math.min(payload.length, frameSize)) & 3)) & 3;
  let at = start;
  for (let from = 0; from < payload.length; from += frameSize) {
    const size = Math.min(frameSize, payload.length - from);
    at = writeFrame(OPCODE.binary, payload, from, size, out, at);
  }
  return out.subarray(start, at);
}

/** A control frame (`payload` of 125 bytes at most), in a buffer of its own. */
export function encodeControl(opcode: 8 | 9 | 10, payload: Uint8Array): Uint8Array {
  const short = payload.subarray(0, MAX_CONTROL_PAYLOAD);
  const out = new Uint8Array(headerLength(short.length) + short.length);
  writeFrame(opcode, short, 0, short.length, out, 0);
  return out;
}

/** A Close frame (§5.5.1) with a status code and no reason. */
export function encodeClose(code: number): Uint8Array {
  return encodeControl(OPCODE.close, Uint8Array.of(code >> 8, code & 0xff));
}

function writeFrame(
  opcode: number,
  payload: Uint8Array,
  from: number,
  size: number,
  out: Uint8Array,
  start: number,
): number {
  let at = start;
  out[at++] = FIN | opcode;
  if (size < 126) {
    out[at++] = MASKED | size;
  } else if (size < 65_536) {
    out[at++] = MASKED | 126;
    out[at++] = size >> 8;
    out[at++] = size & 0xff;
  } else {
    out[at++] = MASKED | 127;
    // Payloads are buffers in memory: far below 2^32 bytes.
    for (let zero = 0; zero < 4; zero++) out[at++] = 0;
    out[at++] = size >>> 24;
    out[at++] = (size >>> 16) & 0xff;
    out[at++] = (size >>> 8) & 0xff;
    out[at++] = size & 0xff;
  }
  const key = nextMaskKey();
  oneKey[0] = key;
  out.set(oneKeyBytes, at);
  at += MASK_BYTES;
  copyMasked(payload, from, size, out, at, key);
  return at + size;
}

/** Copies and masks (§5.3), by the word where both sides are aligned. */
function copyMasked(
  source: Uint8Array,
  from: number,
  size: number,
  target: Uint8Array,
  to: number,
  key: number,
): void {
  let done = 0;
  if (((source.byteOffset + from) & 3) === 0 && ((target.byteOffset + to) & 3) === 0) {
    const words = size >> 2;
    const a = new Uint32Array(source.buffer, source.byteOffset + from, words);
    const b = new Uint32Array(target.buffer, target.byteOffset + to, words);
    for (let i = 0; i < words; i++) b[i] = (a[i] ?? 0) ^ key;
    done = words << 2;
  }
  oneKey[0] = key;
  for (; done < size; done++) {
    target[to + done] = (source[from + done] ?? 0) ^ (oneKeyBytes[done & 3] ?? 0);
  }
}
