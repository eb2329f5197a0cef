import assert from "node:assert/strict";
import fc from "fast-check";
import { FrameDecoder } from "./frame_decoder.ts";

/** A server's frame: unmasked, with the length in the form asked for. */
function frame(
  opcode: number,
  payload: Uint8Array | string = "",
  { fin = true, rsv = 0, masked = false, form = 0 } = {},
): Uint8Array {
  const body = typeof payload === "string" ? new TextEncoder().encode(payload) : payload;
  const size = form || (body.length < 126 ? 7 : body.length < 65_536 ? 16 : 64);
  const head = [
    (fin ? 0x80 : 0) | (rsv << 4) | opcode,
    (masked ? 0x80 : 0) | (size === 7 ? body.length : size === 16 ? 126 : 127),
  ];
  if (size === 16) head.push(body.length >> 8, body.length & 0xff);
  if (size === 64) {
    head.push(0, 0, 0, 0, ...new Uint8Array(new Uint32Array([body.length]).buffer).reverse());
  }
  return Uint8Array.from([...head, ...body]);
}

function concat(...parts: Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

/** All payload, the input cut at the places given. */
function decode(bytes: Uint8Array, cuts: number[] = []): { decoder: FrameDecoder; text: string } {
  const decoder = new FrameDecoder();
  let text = "";
  let from = 0;
  for (
    const to of [...cuts.filter((cut) => cut < bytes.length).sort((a, b) => a - b), bytes.length]
  ) {
    text += new TextDecoder("latin1").decode(decoder.decode(bytes.slice(from, to)));
    from = to;
  }
  return { decoder, text };
}

Deno.test("any frames, cut anywhere, give their payload, in order and once", () => {
  const part = fc.record({
    payload: fc.string({ maxLength: 300, minLength: 1, unit: "binary-ascii" }),
    control: fc.constantFrom(undefined, 9, 10),
    fragments: fc.integer({ min: 1, max: 3 }),
  });
  fc.assert(fc.property(
    fc.array(part, { maxLength: 8 }),
    fc.array(fc.nat(2500), { maxLength: 12 }),
    (parts, cuts) => {
      const frames = parts.flatMap(({ payload, control, fragments }) => {
        const pieces = Array.from({ length: fragments }, (_, i) => {
          const piece = payload.slice(
            Math.floor(payload.length * i / fragments),
            Math.floor(payload.length * (i + 1) / fragments),
          );
          return frame(i === 0 ? 2 : 0, piece, { fin: i === fragments - 1 });
        });
        // Control frames may stand between the fragments of a message (RFC 6455 §5.4).
        if (control) pieces.splice(1, 0, frame(control, "ping"));
        return pieces;
      });
      const { decoder, text } = decode(concat(...frames), cuts);
      assert.equal(text, parts.map(({ payload }) => payload).join(""));
      assert.equal(decoder.end, undefined);
      assert.equal(decoder.midFrame, false);
      assert.equal(decoder.frames, frames.length);
    },
  ));
});

Deno.test("what is read is moved together in place, headers left out", () => {
  const decoder = new FrameDecoder();
  const bytes = concat(frame(2, "one"), frame(2, "two"), frame(9, "p"), frame(2, "three"));
  const payload = decoder.decode(bytes);
  assert.equal(new TextDecoder().decode(payload), "onetwothree");
  assert.equal(payload.buffer, bytes.buffer);
});

const big = new Uint8Array(70_000).fill(65);
const ends: [string, Uint8Array, unknown, string?][] = [
  ["an empty message ends the stream", concat(frame(2, "x"), frame(2), frame(2, "y")), {
    kind: "empty",
  }, "x"],
  ["an empty text message too", frame(1), { kind: "empty" }],
  ["so does an empty message in fragments", concat(frame(2, "", { fin: false }), frame(0)), {
    kind: "empty",
  }],
  [
    "an empty last fragment of a message does not",
    concat(frame(2, "x", { fin: false }), frame(0)),
    undefined,
    "x",
  ],
  ["text is payload", frame(1, "text"), undefined, "text"],
  ["64-bit lengths", frame(2, big), undefined, "A".repeat(70_000)],
  ["Close with code and reason", frame(8, Uint8Array.of(3, 0xe8, 98, 121, 101)), {
    kind: "close",
    code: 1000,
    reason: "bye",
  }],
  ["Close without a code", frame(8), { kind: "close", code: 1005, reason: "" }],
  ["what follows a Close is not looked at", concat(frame(8), frame(2, "x")), {
    kind: "close",
    code: 1005,
    reason: "",
  }],
  ["reserved bits", frame(2, "x", { rsv: 4 }), violation("reserved bits are set")],
  ["masked frames", frame(2, "x", { masked: true }), violation("a frame is masked")],
  ["unknown opcode 3", frame(3, "x"), violation("opcode 3 is unknown")],
  ["unknown opcode 11", frame(11, "x"), violation("opcode 11 is unknown")],
  ["a fragmented ping", frame(9, "x", { fin: false }), violation("a control frame is fragmented")],
  ["a long ping", frame(9, "x".repeat(126)), violation("a control frame is too long")],
  ["a continuation of nothing", frame(0, "x"), violation("a continuation frame continues nothing")],
  [
    "a message inside a message",
    concat(frame(2, "a", { fin: false }), frame(2, "b")),
    violation("a message begins inside another"),
    "a",
  ],
  ["16 bits for 5 bytes", frame(2, "12345", { form: 16 }), undefined, "12345"],
  ["64 bits for 5 bytes", frame(2, "12345", { form: 64 }), undefined, "12345"],
  [
    "a length of 2^63",
    Uint8Array.from([0x82, 127, 0x80, 0, 0, 0, 0, 0, 0, 0]),
    violation("a length is impossible"),
  ],
  ["a Close of one byte", frame(8, "x"), violation("a Close frame carries no valid code")],
  [
    "a Close with code 1006",
    frame(8, Uint8Array.of(3, 0xee)),
    violation("a Close frame carries no valid code"),
  ],
  [
    "an HTTP answer in place of a frame",
    new TextEncoder().encode("HTTP/1.1 400 Bad Request\r\n\r\n"),
    violation("an HTTP answer came in place of a frame (HTTP/1.1 400 Bad Request)"),
  ],
];

function violation(problem: string) {
  return { kind: "violation", problem };
}

for (const [name, bytes, end, text] of ends) {
  Deno.test(`frames: ${name}`, () => {
    for (const cuts of [[], [1], [2], [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]]) {
      // A cut hides what an HTTP answer begins with; then it is named by its bits.
      if (name.startsWith("an HTTP") && cuts.length > 0) continue;
      const { decoder, text: got } = decode(bytes, cuts);
      assert.deepEqual(decoder.end, end);
      assert.equal(got, text ?? "");
    }
  });
}

Deno.test("a Close frame's reason is made printable", () => {
  const reason = new TextEncoder().encode("\x1b[2Jgone");
  const { decoder } = decode(frame(8, Uint8Array.from([0x03, 0xf3, ...reason])));
  assert.deepEqual(decoder.end, { kind: "close", code: 1011, reason: "\\u001b[2Jgone" });
});

Deno.test("only the last ping waits for its answer; pongs are counted", () => {
  const { decoder } = decode(concat(frame(9, "1"), frame(9, "2"), frame(10), frame(10)));
  assert.equal(new TextDecoder().decode(decoder.ping), "2");
  assert.equal(decoder.pongs, 2);
});

Deno.test("a stream that ends inside a frame is known to be cut", () => {
  for (const length of [1, 3, 6]) {
    assert.equal(decode(frame(2, "payload").slice(0, length)).decoder.midFrame, true);
  }
  assert.equal(decode(frame(2, "x", { fin: false })).decoder.midFrame, true);
});

Deno.test("garbage never throws and never grows", () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), fc.array(fc.nat(200)), (bytes, cuts) => {
    const { text } = decode(bytes, cuts);
    assert.ok(text.length <= bytes.length);
  }));
});
