/**
 * One open WebSocket and the TCP connection to its target: bytes both ways, with back-pressure,
 * none lost on any path of ending. What a fault keeps back is the only exception.
 */

import { Buffer } from "node:buffer";
import net from "node:net";
import type { Duplex } from "node:stream";
import type { Address } from "./address.ts";
// @ts-types="@types/ws"
import type { WebSocket } from "ws";
import type { StreamFault } from "./fault_schema.ts";
import type { Stats } from "./stats.ts";
import { breakStream, createFuse } from "./stream_fault.ts";

export interface WebTunnelOptions {
  readonly webSocket: WebSocket;
  /** The TLS socket beneath. */
  readonly socket: Duplex;
  /** Where the target really is; undefined where nothing listens on the port that was asked for. */
  readonly target: Address | undefined;
  readonly fault?: StreamFault | undefined;
  readonly stats: Stats;
}

export interface WebTunnel {
  /** Ends both sides at once. */
  destroy(): void;
  /** Resolves when both sides have ended. */
  readonly ended: Promise<void>;
}

/** Bytes on their way to a slow client, above which the target is not read. */
const HIGH_WATER = 1024 * 1024;
const LOW_WATER = 256 * 1024;
/** How long a target may go on sending to a client that has left. */
const TARGET_GRACE = 5_000;
const NOTHING = new Uint8Array(0);

export function openWebTunnel(options: WebTunnelOptions): WebTunnel {
  const { webSocket, socket, fault, stats } = options;
  const isAtFault = createFuse(fault);
  /** A fault has broken the stream, or the client has left: what comes is swallowed. */
  let isBroken = false;
  /** Messages that are not yet with the network, and what waits for that. */
  let pending = 0;
  let onFlushed: (() => void)[] = [];
  /** Why the client is not read at present. */
  const pauses = new Set<"slow target" | "stall">();
  const timers = new Set<ReturnType<typeof setTimeout>>();

  const target = new net.Socket({ allowHalfOpen: true });
  const ended = Promise.all([
    new Promise<void>((resolve) => target.once("close", () => resolve())),
    new Promise<void>((resolve) => webSocket.once("close", () => resolve())),
  ]).then(() => {
    for (const timer of timers) clearTimeout(timer);
  });

  function sendDown(chunk: Uint8Array): void {
    if (chunk.length === 0) return;
    pending++;
    stats.framesDown++;
    stats.bytesDown += chunk.length;
    webSocket.send(chunk, () => {
      pending--;
      if (target.isPaused() && webSocket.bufferedAmount < LOW_WATER) target.resume();
      if (pending > 0) return;
      const waiting = onFlushed;
      onFlushed = [];
      for (const then of waiting) then();
    });
    if (webSocket.bufferedAmount > HIGH_WATER) target.pause();
  }

  function sendUp(chunk: Uint8Array): void {
    stats.bytesUp += chunk.length;
    if (target.writable && !target.write(chunk)) pause("slow target");
  }

  function pause(why: "slow target" | "stall"): void {
    pauses.add(why);
    webSocket.pause();
  }

  function resume(why: "slow target" | "stall"): void {
    if (pauses.delete(why) && pauses.size === 0) webSocket.resume();
  }

  function whenFlushed(then: () => void): void {
    if (pending === 0) then();
    else onFlushed.push(then);
  }

  /** Everything that the target sent goes first. */
  function closeWebSocket(code: number, reason = ""): void {
    whenFlushed(() => {
      if (!isBroken) webSocket.close(code, reason);
    });
  }

  /** `before` comes before the byte at which the fault strikes, `rest` after it. */
  function strike(one: StreamFault, send: typeof sendUp, before: Uint8Array, rest: Uint8Array) {
    if (one.kind === "stall") {
      pause("stall");
      if (one.ms !== undefined) timers.add(setTimeout(() => resume("stall"), one.ms));
      send(before);
      send(rest);
      return;
    }
    const isTail = one.kind === "mid-frame" && send === sendDown;
    if (isTail) stats.bytesDown += before.length;
    else send(before);
    isBroken = true;
    target.resume();
    whenFlushed(() => breakStream(one, webSocket, socket, isTail ? before : NOTHING));
  }

  function relay(direction: "up" | "down", send: typeof sendUp, chunk: Uint8Array): void {
    if (isBroken) return;
    const at = isAtFault(direction, chunk.length);
    if (fault === undefined || at === undefined) send(chunk);
    else strike(fault, send, chunk.subarray(0, at), chunk.subarray(at));
  }

  target.on("data", (chunk: Buffer) => relay("down", sendDown, chunk));
  target.on("end", () => closeWebSocket(1000));
  target.on("error", (error) => closeWebSocket(1011, describeTargetError(error)));
  target.on("drain", () => resume("slow target"));
  // Nothing drains any more: the client's Close must still be read.
  target.on("close", () => resume("slow target"));

  webSocket.on("message", (data, isBinary) => {
    if (isBinary) relay("up", sendUp, toBytes(data));
    else closeWebSocket(1003, "Only binary messages are relayed.");
  });
  webSocket.on("ping", (data) => {
    stats.pingsUp++;
    if (!isBroken) webSocket.pong(data);
  });
  // A protocol error of the client's: `ws` has answered it, and "close" follows.
  webSocket.on("error", () => {});
  webSocket.on("close", () => {
    isBroken = true;
    // The target gets what is still to be written, then FIN. What it sends is for nobody now, and
    // is read only because closing with unread input would take bytes from it that are in flight.
    target.resume();
    target.end(() => {
      if (!target.destroyed) timers.add(setTimeout(() => target.destroy(), TARGET_GRACE));
    });
  });

  if (fault?.afterBytes === 0) strike(fault, sendDown, NOTHING, NOTHING);
  if (options.target) {
    // Before the connection is there, Deno would forget it.
    target.once("connect", () => target.setNoDelay(true));
    target.connect({ ...options.target });
  } else {
    target.destroy(Object.assign(new Error("no such port"), { code: "ECONNREFUSED" }));
  }

  return {
    destroy() {
      isBroken = true;
      webSocket.terminate();
      target.destroy();
    },
    ended,
  };
}

function toBytes(data: Buffer | ArrayBuffer | Buffer[]): Uint8Array {
  if (Array.isArray(data)) return Buffer.concat(data);
  return data instanceof ArrayBuffer ? new Uint8Array(data) : data;
}

function describeTargetError(error: Error): string {
  const code = "code" in error ? error.code : undefined;
  if (code === "ECONNREFUSED") return "The target refused the connection.";
  if (code === "ECONNRESET") return "The target reset the connection.";
  return "The target could not be reached.";
}
