/** A WebSocket client down to the bytes, for what a library would hide; for the emulator's tests. */

import { createFrameScanner, type FrameHeader } from "./frame_scanner.ts";
import type { RunningEmulator } from "./emulator.ts";

export interface RawSocket extends Disposable {
  readonly conn: Deno.TlsConn;
  /** The head of the server's answer. */
  readonly head: string;
  /** Everything up to the end, and how it ended: in order, or the error's name. */
  drain(): Promise<{ readonly bytes: Uint8Array; readonly end: string }>;
}

/** An empty Close, masked. */
const CLOSE = Uint8Array.of(0x88, 0x80, 0, 0, 0, 0);

/** Sends the upgrade for `url` and reads the answer's head. */
export async function openRawSocket(emulator: RunningEmulator, url: string): Promise<RawSocket> {
  const { hostname, port, host, pathname, search } = new URL(url);
  const conn = await Deno.connectTls({ hostname, port: Number(port), caCerts: [emulator.ca] });
  await conn.write(new TextEncoder().encode(
    `GET ${pathname}${search} HTTP/1.1\r\nHost: ${host}\r\nUpgrade: websocket\r\n` +
      "Connection: Upgrade\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n" +
      "Sec-WebSocket-Version: 13\r\n\r\n",
  ));
  let head = "";
  let rest = new Uint8Array(0);
  while (rest.length === 0 && !head.endsWith("\r\n\r\n")) {
    const buffer = new Uint8Array(65_536);
    const n = await conn.read(buffer);
    if (n === null) break;
    head += new TextDecoder("latin1").decode(buffer.subarray(0, n));
    const end = head.indexOf("\r\n\r\n");
    if (end < 0) continue;
    rest = buffer.slice(n - (head.length - end - 4), n);
    head = head.slice(0, end + 4);
  }
  return {
    conn,
    head,
    async drain() {
      const chunks = [rest];
      let end = "in order";
      let isClosed = false;
      const scan = createFrameScanner(({ opcode }) => isClosed ||= opcode === 8);
      scan(rest);
      try {
        // The server ends the connection once its Close is answered.
        if (isClosed) await conn.write(CLOSE);
        for await (const chunk of conn.readable) {
          chunks.push(chunk);
          const wasClosed = isClosed;
          scan(chunk);
          if (isClosed && !wasClosed) await conn.write(CLOSE);
        }
      } catch (error) {
        end = error instanceof Error ? error.name : String(error);
      }
      return { bytes: new Uint8Array(await new Blob(chunks).arrayBuffer()), end };
    },
    [Symbol.dispose]() {
      try {
        conn.close();
      } catch {
        // The stream has closed it.
      }
    },
  };
}

/** The frames of a server, which masks nothing; the last one may be incomplete. */
export function readFrames(
  bytes: Uint8Array,
): readonly (FrameHeader & { readonly payload: Uint8Array })[] {
  const frames: (FrameHeader & { payload: Uint8Array })[] = [];
  let at = 0;
  const scan = createFrameScanner((frame) => {
    at += frame.length > 0xffff || longForm(at) ? 10 : frame.length > 125 ? 4 : 2;
    frames.push({ ...frame, payload: bytes.subarray(at, at + frame.length) });
    at += frame.length;
  });
  /** Whether the frame at this offset has its length in eight bytes. */
  function longForm(offset: number): boolean {
    return ((bytes[offset + 1] ?? 0) & 0x7f) === 127;
  }
  scan(bytes);
  return frames;
}

/** The payload of all data frames, joined. */
export async function payloadOf(bytes: Uint8Array): Promise<Uint8Array> {
  const data = readFrames(bytes).filter(({ opcode }) => opcode <= 2);
  const parts = data.map(({ payload }) => new Uint8Array(payload));
  return new Uint8Array(await new Blob(parts).arrayBuffer());
}

/** One masked binary frame; the mask is zero, so that the payload stays readable. */
export function clientFrame(payload: Uint8Array): Uint8Array {
  const frame = new Uint8Array(14 + payload.length);
  const view = new DataView(frame.buffer);
  view.setUint8(0, 0x82);
  view.setUint8(1, 0x80 | 127);
  view.setBigUint64(2, BigInt(payload.length));
  frame.set(payload, 14);
  return frame;
}
