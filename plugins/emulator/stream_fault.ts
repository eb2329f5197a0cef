/** Applies the faults that break an open WebSocket, and tells when they strike. */

import type { Duplex } from "node:stream";
// @ts-types="@types/ws"
import type { WebSocket } from "ws";
import type { BreakFault, StreamFault } from "./fault_schema.ts";
import { longHeader } from "./long_header.ts";
import { plainSocketOf } from "./tls_server.ts";

/** Payload that a frame's header promises beyond what comes before the cut. */
const PROMISED = 1000;

/**
 * Breaks the connection as `fault` says; every byte before has been handed to the network.
 * @param tail payload that belongs before the cut and was kept back for `mid-frame`
 */
export function breakStream(
  fault: BreakFault,
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
      socket.write(longHeader(tail.length + PROMISED));
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
    case "rsv1":
      socket.write(Uint8Array.of(0xc2, 1, 0));
      return;
    case "impossible-length":
      socket.write(longHeader(2 ** 62));
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
