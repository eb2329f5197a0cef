/** A WebSocket of npm:ws as the core's channel: pulled, not pushed. */

import type { Buffer } from "node:buffer";
import type { Duplex } from "node:stream";
// @ts-types="@types/ws"
import type { RawData, WebSocket } from "ws";
import type { Channel, ChannelOptions, PluginContext } from "../../core/mod.ts";

/** How long a goodbye may take, in ms. */
const CLOSE_TIMEOUT = 2_000;
/** Messages that wait to be read; above it, the connection is not read either. */
const MAX_WAITING = 256 * 1024;
/** Of a large message so much is handed on at once: between two pieces others have their turn. */
const MAX_PIECE = 32 * 1024;

type End = { readonly good: true } | { readonly good: false; readonly error: Error };

export function openChannel(
  socket: WebSocket,
  stream: Duplex,
  { clock, frameSize }: ChannelOptions,
  ctx: PluginContext,
): Channel {
  const waiting: Uint8Array[] = [];
  let waitingBytes = 0;
  let end: End | undefined;
  let wake: (() => void) | undefined;
  let lastByteAt = clock.now();
  let pongs = 0;
  let answering = false;
  let pongOwed: Buffer | undefined;
  let closing: Promise<void> | undefined;

  /** The first end counts; what was read before it is handed on before it. */
  function finish(how: End): void {
    end ??= how;
    wake?.();
  }

  function fail(code: string, params: Record<string, string | number>, cause?: unknown): void {
    finish({ good: false, error: ctx.error(code, params, cause) });
  }

  socket.on("message", (data) => {
    lastByteAt = clock.now();
    const bytes = bytesOf(data);
    // An empty message is the service's word for the end.
    if (bytes.length === 0) return finish({ good: true });
    if (end) return;
    waiting.push(bytes);
    waitingBytes += bytes.length;
    if (waitingBytes > MAX_WAITING) socket.pause();
    wake?.();
  });

  /** The last ping only (§5.5.3), one answer at a time: who reads no pongs must not fill a queue. */
  function answerPing(data: Buffer): void {
    if (answering) {
      pongOwed = data;
      return;
    }
    answering = true;
    socket.pong(data, true, () => {
      answering = false;
      const next = pongOwed;
      pongOwed = undefined;
      if (next && socket.readyState === socket.OPEN) answerPing(next);
    });
  }

  socket.on("ping", (data) => {
    lastByteAt = clock.now();
    answerPing(data);
  });
  socket.on("pong", () => {
    lastByteAt = clock.now();
    pongs++;
  });
  socket.on("error", (error: Error & { code?: string }) => {
    const problem = error.message;
    // The library names breaches of the protocol WS_ERR_…; all else is the network's.
    if (error.code?.startsWith("WS_ERR_")) fail("peer-protocol", { problem }, error);
    else fail("peer-cut", { how: problem }, error);
  });
  socket.on("close", (code, reason) => {
    // 1005: a Close frame without a code; 1006: no Close frame at all (RFC 6455 §7.1.5).
    if (code === 1000 || code === 1005) finish({ good: true });
    else if (code === 1006) fail("peer-cut", { how: "without a WebSocket close" });
    else {
      const text = reason.toString();
      fail("peer-closed", { code, detail: text ? `: ${text}` : "" });
    }
  });

  async function sayGoodbye(code: number): Promise<void> {
    const gone = new Promise<void>((resolve) => {
      if (socket.readyState === socket.CLOSED) resolve();
      else socket.once("close", () => resolve());
    });
    const cancel = clock.after(CLOSE_TIMEOUT, () => socket.terminate());
    waiting.length = 0;
    socket.resume();
    socket.close(code);
    await gone;
    cancel();
    stream.destroy();
    finish({ good: true });
  }

  return {
    get lastByteAt() {
      return lastByteAt;
    },
    get pongs() {
      return pongs;
    },
    ping() {
      if (socket.readyState === socket.OPEN) socket.ping(() => {});
    },
    async read() {
      for (;;) {
        if (closing) return null;
        const [message] = waiting;
        if (message) {
          const bytes = message.subarray(0, MAX_PIECE);
          if (bytes.length < message.length) waiting[0] = message.subarray(MAX_PIECE);
          else waiting.shift();
          waitingBytes -= bytes.length;
          if (waitingBytes <= MAX_WAITING) socket.resume();
          return bytes;
        }
        if (end?.good) return null;
        if (end) throw end.error;
        await new Promise<void>((resolve) => wake = resolve);
      }
    },
    async write(bytes) {
      if (end && !end.good) throw end.error;
      // Frames that belong together leave in one write.
      stream.cork();
      const sent: Promise<void>[] = [];
      for (let at = 0; at < bytes.length; at += frameSize) {
        sent.push(send(socket, bytes.subarray(at, at + frameSize)));
      }
      stream.uncork();
      await Promise.all(sent);
    },
    close(code = 1000) {
      closing ??= sayGoodbye(code);
      wake?.();
      return closing;
    },
  };
}

function send(socket: WebSocket, bytes: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) =>
    socket.send(bytes, { binary: true }, (error) => error ? reject(error) : resolve())
  );
}

function bytesOf(data: RawData): Uint8Array {
  if (Array.isArray(data)) {
    const all = new Uint8Array(data.reduce((sum, part) => sum + part.length, 0));
    let at = 0;
    for (const part of data) {
      all.set(part, at);
      at += part.length;
    }
    return all;
  }
  return data instanceof ArrayBuffer ? new Uint8Array(data) : data;
}
