import assert from "node:assert/strict";
import { FrameDecoder } from "../../../core/tunnel/webtunnel/frame_decoder.ts";
import { encodedLimit, encodeMessages } from "../../../core/tunnel/webtunnel/frame_encoder.ts";
import type { FuzzTarget } from "../target.ts";
import { cutBytes, joinBytes, readClientFrames, sameBytes, writeServerFrame } from "../wire.ts";

const MAX_FRAMES = 300;
const FORMS = [7, 16, 64] as const;

/** Frame size (2 bytes), shift, repetitions, cuts (2), form, then the payload. */
export const frameRoundTripTarget: FuzzTarget = {
  name: "frame-round-trip",
  maxLength: 1024,
  tokens: ["\x00\x7d", "\x00\x7e", "\x0f\xff", "\xff\xff"],
  seeds: [
    Uint8Array.of(0x00, 0x10, 0, 0, 100, 50, 0, ...new TextEncoder().encode("a".repeat(100))),
    Uint8Array.of(0x0f, 0xff, 1, 15, 3, 255, 1, ...new TextEncoder().encode("payload ".repeat(60))),
    Uint8Array.of(
      0xff,
      0xff,
      2,
      255,
      3,
      255,
      2,
      ...new TextEncoder().encode("0123456789".repeat(30)),
    ),
  ],
  run(input) {
    const [high = 0, low = 0, shift = 0, times = 0, cut1 = 0, cut2 = 0, form = 0] = input;
    const frameSize = 1 + ((high << 8) | low);
    // Long payloads come in long frames, short frames in hundreds: more of either says nothing more.
    const repeated = times === 255 && frameSize > 16_384 ? 70 : 1 + (times & 3);
    const piece = input.subarray(7, 7 + Math.ceil(MAX_FRAMES * frameSize / repeated));
    const source = new Uint8Array(piece.length * repeated + (shift & 3)).subarray(shift & 3);
    for (let i = 0; i < repeated; i++) source.set(piece, i * piece.length);

    const out = new Uint8Array(encodedLimit(source.length, frameSize));
    const frames = readClientFrames(encodeMessages(source, frameSize, out));
    assert.equal(frames.length, Math.ceil(source.length / frameSize));
    for (const { fin, opcode, payload } of frames) {
      const fits = payload.length > 0 && payload.length <= frameSize;
      if (!fin || opcode !== 2 || !fits) {
        assert.fail("one whole binary message of the size asked for");
      }
    }
    assert.ok(sameBytes(joinBytes(frames.map(({ payload }) => payload)), source));

    const back = joinBytes(
      frames.map(({ payload }) => writeServerFrame(2, payload, true, FORMS[form % 3])),
    );
    const decoder = new FrameDecoder();
    const pieces = cutBytes(back, Uint8Array.of(cut1, cut2));
    const got = joinBytes(pieces.map((one) => decoder.decode(one)));
    assert.ok(sameBytes(got, source));
    assert.equal(decoder.end, undefined);
    assert.equal(decoder.midFrame, false);
    return `${Math.min(frames.length, 3)} frames, ${
      source.length > 65_535 ? "long" : source.length > 125 ? "middle" : "short"
    }`;
  },
};
