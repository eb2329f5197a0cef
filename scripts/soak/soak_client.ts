/** One client of the soak: it does what its plan says, and tells how it went. */

import { connect } from "node:net";
import { encodeHead, type Plan } from "./plan.ts";
import { payloadOf } from "./payload.ts";

export interface ClientResult {
  readonly plan: Plan;
  /** By `performance.now()`. */
  readonly startedAt: number;
  readonly endedAt: number;
  /** Payload bytes that came; each of them was the right one, or there is a problem. */
  readonly received: number;
  /** `ended`: EOF was read. `left`, `reset`: as planned. `stuck`: nothing moved any more. */
  readonly how: "ended" | "left" | "reset" | "stuck";
  /** What must never happen. */
  readonly problem?: string;
}

/** @param patience milliseconds without a byte either way after which the client gives up */
export async function runClient(plan: Plan, port: number, patience: number): Promise<ClientResult> {
  const startedAt = performance.now();
  const resets = plan.ending === "reset" || plan.ending === "reset-early";
  const outcome = await (resets ? resetting : keeping)(plan, port, patience);
  return { plan, startedAt, endedAt: performance.now(), ...outcome };
}

type Outcome = Pick<ClientResult, "received" | "how" | "problem">;

async function keeping(plan: Plan, port: number, patience: number): Promise<Outcome> {
  const { id, down, ending } = plan;
  const conn = await Deno.connect({ hostname: "127.0.0.1", port });
  conn.setNoDelay(true);
  let received = 0;
  let ended = false;
  let stuck = false;
  const giveUp = () => {
    stuck = true;
    conn.close();
  };
  let timer = setTimeout(giveUp, patience);
  const moved = () => {
    clearTimeout(timer);
    if (!stuck) timer = setTimeout(giveUp, patience);
  };

  async function send(): Promise<void> {
    const { up, upWrite, idleFirst, idleMiddle } = plan;
    await pause(idleFirst);
    await writeAll(conn, encodeHead(plan));
    const payload = payloadOf(id, "up");
    let idle = idleMiddle;
    for (let at = 0; at < up && !ended;) {
      if (idle > 0 && at > up / 2) {
        await pause(idle);
        idle = 0;
      }
      at += await conn.write(payload.piece(at, Math.min(upWrite, up - at)));
      moved();
    }
    if (ending === "half-close" && !ended) await conn.closeWrite();
  }

  async function receive(): Promise<string | undefined> {
    const payload = payloadOf(id, "down");
    const buffer = new Uint8Array(64 * 1024);
    let problem: string | undefined;
    for (;;) {
      const n = await conn.read(buffer);
      if (n === null) break;
      moved();
      if (!payload.matches(buffer.subarray(0, n), received)) problem ??= "wrong bytes came down";
      received += n;
      if (received > down) problem ??= "more came down than was sent";
    }
    ended = true;
    return problem;
  }

  try {
    if (ending === "leave") {
      await send();
      return { received, how: "left" };
    }
    // Where the tunnel has ended, what is still written meets a socket that is closed.
    const sending = send().catch(() => {});
    const problem = await receive();
    await sending;
    return { received, how: "ended", ...(problem ? { problem } : {}) };
  } catch (error) {
    if (stuck) return { received, how: "stuck" };
    if (ending === "leave") return { received, how: "left" };
    return { received, how: "ended", problem: `its reading failed: ${error}` };
  } finally {
    clearTimeout(timer);
    if (!stuck) conn.close();
  }
}

/** By node:net: a connection of Deno's cannot be reset. */
function resetting(plan: Plan, port: number, patience: number): Promise<Outcome> {
  const { promise, resolve } = Promise.withResolvers<Outcome>();
  const up = payloadOf(plan.id, "up");
  const down = payloadOf(plan.id, "down");
  const early = plan.ending === "reset-early";
  const socket = connect({ host: "127.0.0.1", port });
  let received = 0;
  let problem: string | undefined;
  const end = (how: ClientResult["how"]) => {
    clearTimeout(timer);
    socket.resetAndDestroy();
    resolve({ received, how, ...(problem ? { problem } : {}) });
  };
  const wait = () =>
    setTimeout(() => end(early ? "reset" : "stuck"), early ? plan.idleMiddle : patience);
  let timer = wait();
  socket.on("connect", () => {
    if (early) return;
    socket.write(encodeHead(plan));
    for (let at = 0; at < plan.up;) {
      const piece = up.piece(at, plan.up - at);
      socket.write(piece);
      at += piece.length;
    }
  });
  socket.on("data", (bytes) => {
    if (!down.matches(bytes, received)) problem ??= "wrong bytes came down";
    received += bytes.length;
    clearTimeout(timer);
    if (received >= plan.resetAt) end("reset");
    else timer = wait();
  });
  socket.on("end", () => end("ended"));
  // Written to a socket that the tunnel has closed: what else had come is not known.
  socket.on("error", () => end("reset"));
  return promise;
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

async function writeAll(conn: Deno.Conn, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) at += await conn.write(bytes.subarray(at));
}
