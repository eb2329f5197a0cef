/** An open WebSocket over a TLS connection, as a stream of bytes. */

import type { Clock } from "../../clock.ts";
import { bastionError } from "../../errors.ts";
import { problemOf } from "../../net/network_error.ts";
import { AdaptiveReader } from "../adaptive_reader.ts";
import type { BufferPool } from "../buffer_pool.ts";
import type { Channel } from "../transport.ts";
import { FrameDecoder, type StreamEnd } from "./frame_decoder.ts";
import { encodeClose, encodeControl, encodeMessages, OPCODE } from "./frame_encoder.ts";

/** How long a goodbye may take before the connection is dropped. */
const CLOSE_TIMEOUT = 2_000;

export interface WebTunnelOptions {
  readonly conn: Deno.TlsConn;
  /** Bytes that came behind the handshake's head. */
  readonly early: Uint8Array;
  readonly frameSize: number;
  readonly clock: Clock;
  readonly readBuffers: BufferPool;
  /** Buffers with room for the frames of one write; see `encodedLimit`. */
  readonly writeBuffers: BufferPool;
}

/**
 * Largest piece of payload that is framed and written at once. With its frames' headers it stays
 * below 64 KiB, which is what Deno takes in one call.
 */
export const WRITE_SIZE = 60 * 1024;
/** What a far side still had on its way is read after our goodbye, up to so many bytes. */
const MAX_DISCARDED = 4 * 1024 * 1024;

export function openChannel(options: WebTunnelOptions): Channel {
  const { conn, clock, frameSize, writeBuffers } = options;
  const decoder = new FrameDecoder();
  const reader = new AdaptiveReader(conn, options.readBuffers);
  let early: Uint8Array | undefined = options.early.length > 0 ? options.early : undefined;
  let closing: Promise<void> | undefined;
  let reading: Promise<unknown> | undefined;
  let lastByteAt = clock.now();
  /** The last write; each waits for the one before. */
  let writing: Promise<void> = Promise.resolve();
  let pongWaiting: Uint8Array | undefined;

  /** Writes in turn: a frame of another must never come between the bytes of one. */
  function enqueue(write: () => Promise<void>): Promise<void> {
    const mine = writing.then(write);
    // Whoever comes next only waits for it; the failure is for whoever asked.
    writing = mine.catch(() => {});
    return mine;
  }

  async function writeAll(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length;) at += await conn.write(bytes.subarray(at));
  }

  /** Answers the last ping only, and holds one answer at most, whatever the server sends (§5.5.3). */
  function answerPing(payload: Uint8Array): void {
    const busy = pongWaiting !== undefined;
    pongWaiting = payload;
    if (busy) return;
    enqueue(async () => {
      const answer = encodeControl(OPCODE.pong, pongWaiting ?? new Uint8Array());
      pongWaiting = undefined;
      await writeAll(answer);
    }).catch(() => {});
  }

  async function readSome(): Promise<Uint8Array | null> {
    if (early) {
      const bytes = early;
      early = undefined;
      return bytes;
    }
    try {
      const bytes = await reader.read();
      lastByteAt = clock.now();
      return bytes;
    } catch (error) {
      throw bastionError("peer-cut", { how: problemOf(error) }, error);
    }
  }

  async function readPayload(): Promise<Uint8Array | null> {
    for (;;) {
      if (decoder.end) return endOf(decoder.end);
      const bytes = await readSome();
      if (bytes === null) {
        const how = decoder.midFrame ? "in the middle of a frame" : "without a WebSocket close";
        throw bastionError("peer-cut", { how });
      }
      const payload = decoder.decode(bytes);
      if (decoder.ping) {
        answerPing(decoder.ping);
        decoder.ping = undefined;
      }
      if (payload.length > 0) return payload;
    }
  }

  function dropConnection(): void {
    try {
      conn.close();
    } catch {
      // Closed already.
    }
  }

  async function sayGoodbye(code: number): Promise<void> {
    const cancelDrop = clock.after(CLOSE_TIMEOUT, dropConnection);
    try {
      await enqueue(() => writeAll(encodeClose(code)));
      await conn.closeWrite();
      // What is still coming is read and thrown away: closing with unread input would send a
      // reset, which destroys what we have written and the far side has not yet read.
      if (!decoder.end) {
        await reading?.catch(() => {});
        for (let left = MAX_DISCARDED; left > 0;) left -= (await reader.read())?.length ?? left;
      }
    } catch {
      // It is gone already, or it takes too long.
    } finally {
      cancelDrop();
      dropConnection();
      // Its buffer is not given back: whoever called read() may still be looking into it.
      await reading?.catch(() => {});
    }
  }

  return {
    get lastByteAt() {
      return lastByteAt;
    },
    get pongs() {
      return decoder.pongs;
    },
    ping() {
      enqueue(() => writeAll(encodeControl(OPCODE.ping, new Uint8Array()))).catch(() => {});
    },
    read() {
      // While the goodbye is said, it alone reads.
      if (closing) return Promise.resolve(null);
      const pending = readPayload();
      reading = pending;
      return pending;
    },
    async write(bytes) {
      for (let at = 0; at < bytes.length; at += WRITE_SIZE) {
        const piece = bytes.subarray(at, at + WRITE_SIZE);
        await enqueue(async () => {
          const buffer = writeBuffers.take();
          try {
            await writeAll(encodeMessages(piece, frameSize, buffer));
          } finally {
            writeBuffers.give(buffer);
          }
        });
      }
    },
    close(code = 1000) {
      closing ??= sayGoodbye(code);
      return closing;
    },
  };
}

/** Null for an end in good order, the error for any other. */
function endOf(end: StreamEnd): null {
  switch (end.kind) {
    case "empty":
      return null;
    case "violation":
      throw bastionError("peer-protocol", { problem: end.problem });
    case "close":
      // 1005: a Close frame without a code says nothing bad.
      if (end.code === 1000 || end.code === 1005) return null;
      throw bastionError("peer-closed", {
        code: end.code,
        detail: end.reason ? `: ${end.reason}` : "",
      });
  }
}
