/** Applies the faults that spoil a WebSocket's handshake (all seen from the real service). */

import type { Duplex } from "node:stream";
import type { HandshakeFault, UpgradeFault } from "./fault_schema.ts";

export function isHandshakeFault(fault: UpgradeFault): fault is HandshakeFault {
  return fault.kind.startsWith("101-");
}

/** Changes the lines of the 101, in place, before `ws` sends them. */
export function spoilHeaders(fault: HandshakeFault | undefined, headers: string[]): void {
  if (!fault) return;
  switch (fault.kind) {
    case "101-then-400":
      return;
    case "101-without-headers":
      headers.splice(0, headers.length, ...headers.filter((line) => !isUpgradeHeader(line)));
      return;
    case "101-wrong-accept":
      replaceLine(
        headers,
        "Sec-WebSocket-Accept",
        "Sec-WebSocket-Accept: AAAAAAAAAAAAAAAAAAAAAAAAAAA=",
      );
      return;
    case "101-keep-alive":
      replaceLine(headers, "Connection", "Connection: Upgrade, Keep-Alive");
      return;
  }
}

/** What follows the 101 at once. */
export function spoilHandshake(fault: HandshakeFault | undefined, socket: Duplex): void {
  if (fault?.kind !== "101-then-400") return;
  socket.end("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
}

function isUpgradeHeader(line: string): boolean {
  return /^(upgrade|connection):/i.test(line);
}

function replaceLine(headers: string[], name: string, line: string): void {
  const at = headers.findIndex((one) => one.toLowerCase().startsWith(`${name.toLowerCase()}:`));
  if (at >= 0) headers[at] = line;
}
