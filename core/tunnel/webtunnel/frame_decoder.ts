/**
 * Server frames of RFC 6455 §5: pure, strict, streaming. Payload is handed on as it comes, so that
 * no frame, however long, makes us hold more than what was just read.
 */

import { printable } from "../../secret.ts";
import { MAX_CONTROL_PAYLOAD, OPCODE } from "./frame_encoder.ts";

/** How the far side's stream ended. */
export type StreamEnd =
  /** An empty message, which is how the service says that the target has ended. */
  | { readonly kind: "empty" }
  /** A Close frame; 1005 where it carried no code (§7.1.5). */
  | { readonly kind: "close"; readonly code: number; readonly reason: string }
  /** The server broke the protocol. */
  | { readonly kind: "violation"; readonly problem: string };

const NOTHING = new Uint8Array();

export class FrameDecoder {
  /** Set once; nothing that follows is looked at. */
  end: StreamEnd | undefined;
  /** The payload of the last ping since it was taken; older ones need no answer (§5.5.3). */
  ping: Uint8Array | undefined;
  /** Pongs seen. */
  pongs = 0;
  /** Frames seen. */
  frames = 0;

  /** A header that is not complete yet; at most 10 bytes. */
  readonly #header = new Uint8Array(10);
  #headerLength = 0;
  /** Bytes of the current frame's payload that are still to come. */
  #left = 0;
  #control: { opcode: number; bytes: Uint8Array; length: number } | undefined;
  /** Inside a message whose last frame has not begun. */
  #fragmented = false;
  /** Payload bytes of the current message so far. */
  #messageBytes = 0;
  #fin = true;

  /** Whether the stream would be cut in the middle of a frame if it ended here. */
  get midFrame(): boolean {
    return this.#left > 0 || this.#headerLength > 0 || this.#control !== undefined ||
      this.#fragmented;
  }

  /**
   * Takes what was read and returns the payload in it. The payload of several frames is moved
   * together within `bytes`, which is overwritten: one write passes it on.
   */
  decode(bytes: Uint8Array): Uint8Array {
    let at = 0;
    let start = -1;
    let end = 0;
    while (at < bytes.length && !this.end) {
      if (this.#control) {
        at = this.#readControl(this.#control, bytes, at);
      } else if (this.#left > 0) {
        const size = Math.min(this.#left, bytes.length - at);
        if (start < 0) {
          start = at;
          end = at + size;
        } else {
          bytes.copyWithin(end, at, at + size);
          end += size;
        }
        this.#left -= size;
        this.#messageBytes += size;
        at += size;
        if (this.#left === 0) this.#endFrame();
      } else {
        at = this.#readHeader(bytes, at);
      }
    }
    return start < 0 ? NOTHING : bytes.subarray(start, end);
  }

  #readHeader(bytes: Uint8Array, from: number): number {
    let at = from;
    const header = this.#header;
    while (at < bytes.length) {
      header[this.#headerLength++] = bytes[at++] ?? 0;
      if (this.#headerLength < 2) continue;
      const [first = 0, second = 0] = header;
      if (this.#headerLength === 2) {
        const problem = this.#problemOf(first, second);
        if (problem) {
          this.#violate(httpAnswer(bytes.subarray(from)) ?? problem);
          return at;
        }
      }
      const short = second & 0x7f;
      if (this.#headerLength === (short === 126 ? 4 : short === 127 ? 10 : 2)) {
        this.#headerLength = 0;
        this.#beginFrame(first, short);
        return at;
      }
    }
    return at;
  }

  /** What §5.2, §5.4 and §5.5 forbid in the first two bytes of a frame. */
  #problemOf(first: number, second: number): string | undefined {
    const opcode = first & 0x0f;
    const fin = (first & 0x80) !== 0;
    const short = second & 0x7f;
    if (first & 0x70) return "reserved bits are set";
    if (second & 0x80) return "a frame is masked";
    if (opcode > OPCODE.pong || (opcode > OPCODE.binary && opcode < OPCODE.close)) {
      return `opcode ${opcode} is unknown`;
    }
    if (opcode >= OPCODE.close) {
      if (!fin) return "a control frame is fragmented";
      if (short > MAX_CONTROL_PAYLOAD) return "a control frame is too long";
    } else if (opcode === OPCODE.continuation && !this.#fragmented) {
      return "a continuation frame continues nothing";
    } else if (opcode !== OPCODE.continuation && this.#fragmented) {
      return "a message begins inside another";
    }
    return undefined;
  }

  #beginFrame(first: number, short: number): void {
    this.frames++;
    const opcode = first & 0x0f;
    if (opcode >= OPCODE.close) {
      if (short === 0) this.#endControl(opcode, NOTHING);
      else this.#control = { opcode, bytes: new Uint8Array(short), length: 0 };
      return;
    }
    const length = this.#payloadLength(short);
    if (length === undefined) return;
    if (opcode !== OPCODE.continuation) this.#messageBytes = 0;
    this.#fin = (first & 0x80) !== 0;
    this.#fragmented = !this.#fin;
    this.#left = length;
    if (length === 0) this.#endFrame();
  }

  #payloadLength(short: number): number | undefined {
    if (short < 126) return short;
    const view = new DataView(this.#header.buffer);
    // §5.2 wants the shortest form. The official client takes any, so that nobody would have noticed
    // if the service did not keep to it; it harms nothing.
    if (short === 126) return view.getUint16(2);
    const length = view.getBigUint64(2);
    if (length > BigInt(Number.MAX_SAFE_INTEGER)) return this.#violate("a length is impossible");
    return Number(length);
  }

  #endFrame(): void {
    if (this.#fin && this.#messageBytes === 0) this.end = { kind: "empty" };
  }

  #readControl(
    control: { opcode: number; bytes: Uint8Array; length: number },
    bytes: Uint8Array,
    at: number,
  ): number {
    const size = Math.min(control.bytes.length - control.length, bytes.length - at);
    control.bytes.set(bytes.subarray(at, at + size), control.length);
    control.length += size;
    if (control.length === control.bytes.length) {
      this.#control = undefined;
      this.#endControl(control.opcode, control.bytes);
    }
    return at + size;
  }

  #endControl(opcode: number, payload: Uint8Array): void {
    if (opcode === OPCODE.ping) this.ping = payload;
    else if (opcode === OPCODE.pong) this.pongs++;
    else this.#endByClose(payload);
  }

  #endByClose(payload: Uint8Array): void {
    if (payload.length === 0) {
      this.end = { kind: "close", code: 1005, reason: "" };
      return;
    }
    const code = ((payload[0] ?? 0) << 8) | (payload[1] ?? 0);
    if (payload.length === 1 || !isCloseCode(code)) {
      this.#violate("a Close frame carries no valid code");
      return;
    }
    this.end = {
      kind: "close",
      code,
      reason: printable(new TextDecoder().decode(payload.subarray(2)), 123),
    };
  }

  #violate(problem: string): undefined {
    this.end = { kind: "violation", problem };
  }
}

/** Codes that may stand in a Close frame (§7.4). */
function isCloseCode(code: number): boolean {
  return (code >= 1000 && code <= 1014 && code !== 1004 && code !== 1005 && code !== 1006) ||
    (code >= 3000 && code <= 4999);
}

/** The service has been seen to send `HTTP/1.1 400` behind its 101, where a frame should be. */
function httpAnswer(bytes: Uint8Array): string | undefined {
  const text = new TextDecoder("latin1").decode(bytes.subarray(0, 64));
  if (!/^HTTP\/1\.\d/.test(text)) return undefined;
  return `an HTTP answer came in place of a frame (${printable(text.split("\r\n", 1)[0] ?? "")})`;
}
