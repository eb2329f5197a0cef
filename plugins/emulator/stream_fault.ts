/** Applies the faults that befall an open WebSocket. */

import type { Duplex } from "node:stream";
// @ts-types="@types/ws"
import type { WebSocket } from "ws";
import type { StreamFault } from "./fault_schema.ts";
import { plainSocketOf } from "./tls_server.ts";

/** Payload that a frame's header promises beyond what comes before the cut. */
const PROMISED = 1000;

/**
 * Breaks the connection as `fault` says; every byte before has been handed to the network.
 * A stalled reader is not broken, and is the relay's own affair.
 * @param tail payload that belongs before the cut and was kept back for `mid-frame`
 */
export function breakStream(
  fault: Exclude<StreamFault, { kind: "stall" }>,
  webSocket: WebSocket,
  socket: Duplex,
  tail: Uint8Array,
): void {
  switch (fault.kind) {
    case "fin":
      if (fault.closeNotify) socket.end();
      // Beneath TLS, which then never says goodbye.
      else plainSocketOf(socket).end();
      return;
    case "rst":
      plainSocketOf(socket).resetAndDestroy();
      return;
    case "mid-frame":
      socket.write(binaryHeader(tail.length + PROMISED));
      socket.end(tail);
      return;
    case "close":
      webSocket.close(fault.code, fault.reason);
      return;
    case "empty-message":
      webSocket.send(new Uint8Array(0));
      return;
    case "silence":
      // Taken from `ws`, which would go on answering, and read into nothing.
      socket.removeAllListeners("data");
      socket.resume();
      return;
  }
}

/**
 * Watches the bytes go by: undefined, or how many of these `length` come before the byte at which
 * the fault strikes. It strikes once; at the very start is the caller's affair.
 */
export function createFuse(
  fault: StreamFault | undefined,
): (direction: "up" | "down", length: number) => number | undefined {
  let left = fault?.afterBytes ?? 0;
  return (direction, length) => {
    if (left === 0 || direction !== fault?.direction) return undefined;
    const before = Math.min(left, length);
    left -= before;
    return left === 0 ? before : undefined;
  };
}

/** The header of one unmasked binary frame, in the eight-byte form that fits any length. */
function binaryHeader(length: number): Uint8Array {
  const header = new Uint8Array(10);
  const view = new DataView(header.buffer);
  view.setUint8(0, 0x82);
  view.setUint8(1, 127);
  view.setBigUint64(2, BigInt(length));
  return header;
}
