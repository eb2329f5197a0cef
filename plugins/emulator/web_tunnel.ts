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
import { createDownSender } from "./down_sender.ts";
import type { StreamFault } from "./fault_schema.ts";
import { createPacedQueue, type Pace, type PacedQueue } from "./paced_queue.ts";
import type { Stats } from "./stats.ts";
import { breakStream, createFuse } from "./stream_fault.ts";

export interface WebTunnelOptions {
  readonly webSocket: WebSocket;
  /** The TLS socket beneath. */
  readonly socket: Duplex;
  /**
   * Where the target really is; undefined where nothing listens on the port that was asked for,
   * `filtered` where nobody answers, `unreachable` where the VM is off, or in a network that no way
   * leads to.
   */
  readonly target: Address | undefined | "filtered" | "unreachable";
  readonly fault?: StreamFault | undefined;
  /** How much later every byte comes, both ways, in ms. */
  readonly latency?: number;
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
/** How long a connection is tried that nobody answers, in ms; as TCP does on Windows. */
const CONNECT_TIMEOUT = 21_000;
const NOTHING = new Uint8Array(0);

type Direction = "up" | "down";

export function openWebTunnel(options: WebTunnelOptions): WebTunnel {
  const { webSocket, socket, fault, stats } = options;
  const isAtFault = createFuse(fault);
  /** A fault has broken the stream, or the client has left: what comes is swallowed. */
  let isBroken = false;
  let sender = createDownSender(options);
  /** Messages that are not yet with the network, and what waits for that. */
  let pending = 0;
  let onFlushed: (() => void)[] = [];
  const timers = new Set<ReturnType<typeof setTimeout>>();

  const target = new net.Socket({ allowHalfOpen: true });
  const targetBrake = createBrake<"slow client" | Pace["kind"]>(target);
  const clientBrake = createBrake<"slow target" | "stall" | Pace["kind"]>(webSocket);
  const late = options.latency
    ? { kind: "latency", ms: options.latency } as const satisfies Pace
    : undefined;
  /** Bytes that are late, before they are relayed; and those that a slow side makes wait, after. */
  const arriving = {
    up: late && queue("up", late, (chunk) => relay("up", chunk)),
    down: late && queue("down", late, (chunk) => relay("down", chunk)),
  };
  const leaving: { [Way in Direction]?: PacedQueue } = {};
  const deliver = { up: sendUp, down: sendDown };

  const ended = Promise.all([
    new Promise<void>((resolve) => target.once("close", () => resolve())),
    new Promise<void>((resolve) => webSocket.once("close", () => resolve())),
  ]).then(() => {
    for (const timer of timers) clearTimeout(timer);
    for (const one of [arriving.up, arriving.down, leaving.up, leaving.down]) one?.flush();
  });

  function queue(way: Direction, pace: Pace, send: (chunk: Uint8Array) => void): PacedQueue {
    const brake = way === "up" ? clientBrake : targetBrake;
    return createPacedQueue({
      pace,
      send,
      hold: () => brake.hold(pace.kind),
      release: () => brake.release(pace.kind),
    });
  }

  function sendDown(chunk: Uint8Array): void {
    pending++;
    stats.bytesDown += chunk.length;
    sender.send(chunk, onSent);
    if (webSocket.bufferedAmount > HIGH_WATER) targetBrake.hold("slow client");
  }

  function onSent(): void {
    pending--;
    if (webSocket.bufferedAmount < LOW_WATER) targetBrake.release("slow client");
    if (pending > 0) return;
    const waiting = onFlushed;
    onFlushed = [];
    for (const then of waiting) then();
  }

  function sendUp(chunk: Uint8Array): void {
    stats.bytesUp += chunk.length;
    if (options.target === "filtered") return;
    if (target.writable && !target.write(chunk)) clientBrake.hold("slow target");
  }

  function whenFlushed(then: () => void): void {
    if (pending === 0) then();
    else onFlushed.push(then);
  }

  /** Everything that the target sent goes first. */
  function closeWebSocket(code: number, reason = ""): void {
    whenEmpty(arriving.down, () =>
      whenEmpty(leaving.down, () => {
        pending++;
        sender.end(onSent);
        whenFlushed(() => {
          if (!isBroken) webSocket.close(code, reason);
        });
      }));
  }

  /** `before` comes before the byte at which the fault strikes, `rest` after it. */
  function strike(one: StreamFault, way: Direction, before: Uint8Array, rest: Uint8Array): void {
    switch (one.kind) {
      case "stall":
        clientBrake.hold("stall");
        if (one.ms !== undefined) {
          timers.add(setTimeout(() => clientBrake.release("stall"), one.ms));
        }
        forward(way, before);
        forward(way, rest);
        return;
      case "slow":
        forward(way, before);
        leaving[one.direction] = queue(one.direction, one, deliver[one.direction]);
        forward(way, rest);
        return;
      case "text":
      case "fragments":
      case "long-lengths":
      case "giant-message":
        forward(way, before);
        sender = createDownSender(options, one);
        forward(way, rest);
        return;
    }
    const isTail = one.kind === "mid-frame" && way === "down";
    if (isTail) stats.bytesDown += before.length;
    else forward(way, before);
    isBroken = true;
    target.resume();
    whenFlushed(() => breakStream(one, webSocket, socket, isTail ? before : NOTHING));
  }

  function forward(way: Direction, chunk: Uint8Array): void {
    if (chunk.length === 0) return;
    const slow = leaving[way];
    if (slow) slow.push(chunk);
    else deliver[way](chunk);
  }

  function relay(way: Direction, chunk: Uint8Array): void {
    if (isBroken) return;
    const at = isAtFault(way, chunk.length);
    if (fault === undefined || at === undefined) forward(way, chunk);
    else strike(fault, way, chunk.subarray(0, at), chunk.subarray(at));
  }

  function receive(way: Direction, chunk: Uint8Array): void {
    const queue = arriving[way];
    if (queue) queue.push(chunk);
    else relay(way, chunk);
  }

  target.on("data", (chunk: Buffer) => receive("down", chunk));
  target.on("end", () => closeWebSocket(1000));
  target.on("error", (error) => closeWebSocket(1011, describeTargetError(error)));
  target.on("drain", () => clientBrake.release("slow target"));
  // Nothing drains any more: the client's Close must still be read.
  target.on("close", () => clientBrake.release("slow target"));

  webSocket.on("message", (data, isBinary) => {
    if (isBinary) receive("up", toBytes(data));
    else closeWebSocket(1003, "Only binary messages are relayed.");
  });
  webSocket.on("ping", (data) => {
    stats.pingsUp++;
    if (!isBroken) webSocket.pong(data);
  });
  // A protocol error of the client's: `ws` has answered it, and "close" follows.
  webSocket.on("error", () => {});
  webSocket.on("close", () => {
    arriving.up?.flush();
    leaving.up?.flush();
    isBroken = true;
    // The target gets what is still to be written, then FIN. What it sends is for nobody now, and
    // is read only because closing with unread input would take bytes from it that are in flight.
    target.resume();
    if (options.target === "filtered") target.destroy();
    target.end(() => {
      if (!target.destroyed) timers.add(setTimeout(() => target.destroy(), TARGET_GRACE));
    });
  });

  if (fault?.afterBytes === 0) strike(fault, "down", NOTHING, NOTHING);
  if (typeof options.target === "object") {
    // Before the connection is there, Deno would forget it.
    target.once("connect", () => target.setNoDelay(true));
    target.connect({ ...options.target });
  } else if (options.target === "filtered") {
    timers.add(setTimeout(() => fail("ETIMEDOUT"), CONNECT_TIMEOUT));
  } else {
    fail(options.target === "unreachable" ? "EHOSTUNREACH" : "ECONNREFUSED");
  }

  function fail(code: string): void {
    target.destroy(Object.assign(new Error("no connection to the target"), { code }));
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

/** Holds a stream back for as long as there is any reason to. */
function createBrake<Reason extends string>(stream: { pause(): unknown; resume(): unknown }) {
  const reasons = new Set<Reason>();
  return {
    hold(why: Reason): void {
      reasons.add(why);
      stream.pause();
    },
    release(why: Reason): void {
      if (reasons.delete(why) && reasons.size === 0) stream.resume();
    },
  };
}

function whenEmpty(queue: PacedQueue | undefined, then: () => void): void {
  if (queue) queue.whenEmpty(then);
  else then();
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
