import assert from "node:assert/strict";
import fc from "fast-check";
import { createFrameScanner, type FrameHeader } from "./frame_scanner.ts";

function encode({ fin, opcode, length }: FrameHeader, masked: boolean): Uint8Array {
  const extended = length > 0xffff ? 8 : length > 125 ? 2 : 0;
  const start = 2 + extended + (masked ? 4 : 0);
  const bytes = new Uint8Array(start + length).fill(0xff, start);
  const view = new DataView(bytes.buffer);
  view.setUint8(0, (fin ? 0x80 : 0) | opcode);
  view.setUint8(1, (masked ? 0x80 : 0) | (extended === 8 ? 127 : extended === 2 ? 126 : length));
  if (extended === 2) view.setUint16(2, length);
  if (extended === 8) view.setBigUint64(2, BigInt(length));
  return bytes;
}

Deno.test("whatever the pieces, every frame's header is told once", () => {
  const frame = fc.record({
    fin: fc.boolean(),
    opcode: fc.integer({ min: 0, max: 15 }),
    length: fc.oneof(
      fc.constantFrom(0, 1, 125, 126, 127, 0xffff, 0x10000),
      fc.integer({ min: 0, max: 300 }),
    ),
  });
  fc.assert(
    fc.property(
      fc.array(fc.tuple(frame, fc.boolean()), { maxLength: 6 }),
      fc.array(fc.integer({ min: 1, max: 9000 }), { minLength: 1, maxLength: 20 }),
      (frames, sizes) => {
        const all = frames.flatMap(([one, masked]) => [...encode(one, masked)]);
        const bytes = Uint8Array.from(all);
        const seen: FrameHeader[] = [];
        const scan = createFrameScanner((header) => seen.push(header));
        for (let at = 0, i = 0; at < bytes.length; i++) {
          const size = sizes[i % sizes.length] ?? 1;
          scan(bytes.subarray(at, at + size));
          at += size;
        }
        const expected = frames.map(([{ fin, opcode, length }]) => ({ fin, opcode, length }));
        assert.deepEqual(seen, expected);
      },
    ),
    { numRuns: 100 },
  );
});

Deno.test("a header that comes byte by byte", () => {
  const seen: FrameHeader[] = [];
  const scan = createFrameScanner((header) => seen.push(header));
  for (const byte of encode({ fin: true, opcode: 2, length: 70_000 }, true)) {
    scan(Uint8Array.of(byte));
  }
  for (const byte of encode({ fin: false, opcode: 0, length: 3 }, true)) {
    scan(Uint8Array.of(byte));
  }
  assert.deepEqual(seen, [
    { fin: true, opcode: 2, length: 70_000 },
    { fin: false, opcode: 0, length: 3 },
  ]);
});
