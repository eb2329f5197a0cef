/** Puts payload into frames to the client: ordinary ones, or such as a fault asks for. */

import { Buffer } from "node:buffer";
import type { Duplex } from "node:stream";
// @ts-types="@types/ws"
import type { WebSocket } from "ws";
import type { FrameFault } from "./fault_schema.ts";
import { longHeader } from "./long_header.ts";
import type { Stats } from "./stats.ts";

export interface DownSender {
  /** @param sent called when the network has it, or never will */
  send(chunk: Uint8Array, sent: () => void): void;
  /** Sends what was held back. */
  end(sent: () => void): void;
}

export interface DownSenderOptions {
  readonly webSocket: WebSocket;
  /** The TLS socket beneath; `ws` writes each frame to it at once, so that ours keep their place. */
  readonly socket: Duplex;
  readonly stats: Stats;
}

export function createDownSender(
  { webSocket, socket, stats }: DownSenderOptions,
  fault?: FrameFault,
): DownSender {
  const held: Uint8Array[] = [];
  let heldBytes = 0;

  function sendFrame(bytes: Uint8Array, sent: () => void, as: { binary?: boolean; fin?: boolean }) {
    stats.framesDown++;
    webSocket.send(bytes, { binary: true, ...as }, sent);
  }

  function sendFragments(chunk: Uint8Array, bytes: number, sent: () => void): void {
    let at = 0;
    for (; at + bytes < chunk.length; at += bytes) {
      sendFrame(chunk.subarray(at, at + bytes), () => {}, { fin: false });
    }
    sendFrame(chunk.subarray(at), sent, {});
  }

  function sendLong(chunk: Uint8Array, sent: () => void): void {
    if (!socket.writable) return sent();
    stats.framesDown++;
    socket.cork();
    socket.write(longHeader(chunk.length));
    socket.write(chunk, () => sent());
    socket.uncork();
  }

  function sendHeld(sent: () => void): void {
    const message = Buffer.concat(held.splice(0));
    heldBytes = 0;
    sendFrame(message, sent, {});
  }

  return {
    send(chunk, sent) {
      switch (fault?.kind) {
        case undefined:
          return sendFrame(chunk, sent, {});
        case "text":
          return sendFrame(chunk, sent, { binary: false });
        case "fragments":
          return sendFragments(chunk, fault.bytes, sent);
        case "long-lengths":
          return sendLong(chunk, sent);
        case "giant-message": {
          const fitting = chunk.subarray(0, fault.bytes - heldBytes);
          held.push(fitting);
          heldBytes += fitting.length;
          if (heldBytes < fault.bytes) return sent();
          if (fitting.length === chunk.length) return sendHeld(sent);
          // The rest may only be held back, while the message is still on its way.
          let left = 2;
          const bothSent = () => {
            if (--left === 0) sent();
          };
          sendHeld(bothSent);
          return this.send(chunk.subarray(fitting.length), bothSent);
        }
      }
    },
    end(sent) {
      if (heldBytes > 0) sendHeld(sent);
      else sent();
    },
  };
}
