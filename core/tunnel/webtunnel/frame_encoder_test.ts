import assert from "node:assert/strict";
import fc from "fast-check";
import {
  encodeClose,
  encodeControl,
  encodedLimit,
  encodeMessages,
  OPCODE,
} from "./frame_encoder.ts";

interface Frame {
  fin: boolean;
  opcode: number;
  key: Uint8Array;
  payload: Uint8Array;
}

/** Reads client frames by the letter of RFC 6455 §5.2, byte by byte. */
function readFrames(bytes: Uint8Array): Frame[] {
  const frames: Frame[] = [];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 0; at < bytes.length;) {
    const first = view.getUint8(at++);
    const second = view.getUint8(at++);
    assert.equal(first & 0x70, 0, "reserved bits");
    assert.equal(second & 0x80, 0x80, "client frames are masked");
    let length = second & 0x7f;
    if (length === 126) {
      length = view.getUint16(at);
      at += 2;
      assert.ok(length >= 126, "shortest form");
    } else if (length === 127) {
      length = Number(view.getBigUint64(at));
      at += 8;
      assert.ok(length >= 65_536, "shortest form");
    }
    const key = bytes.slice(at, at + 4);
    at += 4;
    const payload = bytes.slice(at, at + length).map((byte, i) => byte ^ (key[i & 3] ?? 0));
    assert.equal(payload.length, length, "the frame is complete");
    at += length;
    frames.push({ fin: (first & 0x80) !== 0, opcode: first & 0x0f, key, payload });
  }
  return frames;
}

function joined(frames: Frame[]): Uint8Array {
  return Uint8Array.from(frames.flatMap(({ payload }) => [...payload]));
}

Deno.test("every payload comes back, in single unfragmented frames of at most the size", () => {
  fc.assert(fc.property(
    fc.uint8Array({ minLength: 1, maxLength: 3000 }),
    fc.integer({ min: 1, max: 1500 }),
    fc.integer({ min: 0, max: 3 }),
    (payload, frameSize, shift) => {
      const source = new Uint8Array(payload.length + shift).subarray(shift);
      source.set(payload);
      const out = new Uint8Array(encodedLimit(payload.length, frameSize));
      const frames = readFrames(encodeMessages(source, frameSize, out));
      assert.deepEqual(joined(frames), payload);
      for (const { fin, opcode, payload: part } of frames) {
        assert.ok(fin && opcode === OPCODE.binary && part.length <= frameSize && part.length > 0);
      }
      assert.equal(frames.length, Math.ceil(payload.length / frameSize));
    },
  ));
});

for (const length of [1, 125, 126, 127, 4096, 65_535, 65_536, 70_000]) {
  Deno.test(`a frame of ${length} bytes has the shortest header and fits its buffer`, () => {
    const payload = crypto.getRandomValues(new Uint8Array(Math.min(length, 65_536)));
    const whole = new Uint8Array(length);
    whole.set(payload);
    const out = new Uint8Array(encodedLimit(length, length));
    const frames = readFrames(encodeMessages(whole, length, out));
    assert.equal(frames.length, 1);
    assert.deepEqual(frames[0]?.payload, whole);
  });
}

Deno.test("mask keys are fresh for every frame", () => {
  const payload = new Uint8Array(4096 * 64);
  const out = new Uint8Array(encodedLimit(payload.length, 64));
  const keys = readFrames(encodeMessages(payload, 64, out)).map(({ key }) => key.join());
  assert.equal(keys.length, 4096);
  // Of 4,096 random keys of 32 bits more than a few equal ones do not happen.
  assert.ok(new Set(keys).size > 4090);
});

Deno.test("control frames are short, masked and whole", () => {
  const [close] = readFrames(encodeClose(1001));
  assert.deepEqual([close?.opcode, ...close?.payload ?? []], [OPCODE.close, 0x03, 0xe9]);
  const [pong] = readFrames(encodeControl(OPCODE.pong, new Uint8Array(200)));
  assert.equal(pong?.payload.length, 125);
});
