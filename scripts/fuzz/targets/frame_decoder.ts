import assert from "node:assert/strict";
import { FrameDecoder } from "../../../core/tunnel/webtunnel/frame_decoder.ts";
import type { FuzzTarget } from "../target.ts";
import { cutBytes, joinBytes, sameBytes, writeServerFrame } from "../wire.ts";

const text = (value: string) => new TextEncoder().encode(value);
const frames = (...parts: Uint8Array[]) => joinBytes([Uint8Array.of(0), ...parts]);

/** Decodes the pieces; each comes back as a part of itself. */
function decode(pieces: readonly Uint8Array[]) {
  const decoder = new FrameDecoder();
  const payload = pieces.map((piece) => {
    const got = decoder.decode(piece);
    assert.ok(got.length === 0 || got.buffer === piece.buffer, "nothing is copied elsewhere");
    assert.ok(got.length <= piece.length);
    return got;
  });
  return { decoder, payload: joinBytes(payload) };
}

/** The first byte says how many of the next are cuts; the rest is what a server sends. */
export const frameDecoderTarget: FuzzTarget = {
  name: "frame-decoder",
  maxLength: 4096,
  tokens: ["\x82\x05hello", "\x89\x01p", "\x8a\x00", "\x88\x02\x03\xe8", "HTTP/1.1 400 Bad\r\n"],
  seeds: [
    frames(writeServerFrame(2, text("hello")), writeServerFrame(2, text("x".repeat(200)))),
    frames(
      writeServerFrame(1, text("a"), false),
      writeServerFrame(9, text("?")),
      writeServerFrame(0, text("b")),
    ),
    frames(writeServerFrame(2, text("x".repeat(130)), true, 64), writeServerFrame(10, text(""))),
    frames(writeServerFrame(8, Uint8Array.of(0x03, 0xf3, 65))),
    frames(writeServerFrame(2, text("")), writeServerFrame(2, text("late"))),
    frames(text("HTTP/1.1 400 Bad Request\r\n\r\n")),
    Uint8Array.of(4, 10, 60, 128, 250, ...writeServerFrame(2, text("cut into pieces"))),
  ],
  run(input) {
    const count = (input[0] ?? 0) & 15;
    const bytes = input.subarray(1 + count);
    const whole = decode([bytes.slice()]);
    for (
      const pieces of [
        cutBytes(bytes, input.subarray(1, 1 + count)),
        cutBytes(bytes, new Uint8Array(16).fill(1)),
      ]
    ) {
      const cut = decode(pieces);
      assert.ok(sameBytes(cut.payload, whole.payload), "payload does not depend on the cuts");
      assert.equal(cut.decoder.frames, whole.decoder.frames);
      assert.equal(cut.decoder.pongs, whole.decoder.pongs);
      assert.equal(cut.decoder.ping?.join(), whole.decoder.ping?.join());
      assert.equal(cut.decoder.midFrame, whole.decoder.midFrame);
      // A cut may hide what an HTTP answer begins with; then it is named by its bits.
      if (whole.decoder.end?.kind === "violation") assert.equal(cut.decoder.end?.kind, "violation");
      else assert.equal(JSON.stringify(cut.decoder.end), JSON.stringify(whole.decoder.end));
    }
    const { end, midFrame } = whole.decoder;
    const how = end?.kind === "violation" ? end.problem.replace(/\(.*|\d+/, "") : end?.kind;
    return `${how ?? "open"}${midFrame ? ", inside a frame" : ""}${
      whole.payload.length > 0 ? ", payload" : ""
    }`;
  },
};
