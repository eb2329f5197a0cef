/** What the VM's port leads to in the soak: it keeps to each client's plan, and notes what came. */

import { decodeHead, HEAD } from "./plan.ts";
import { payloadOf } from "./payload.ts";

export interface FarSide extends AsyncDisposable {
  readonly port: number;
  /** Payload bytes that came from each client, by its id. */
  readonly arrived: ReadonlyMap<number, number>;
  /** What must never happen. */
  readonly problems: readonly string[];
  /** Connections that are open. */
  open(): number;
}

export function startFarSide(): FarSide {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const arrived = new Map<number, number>();
  const problems: string[] = [];
  const open = new Set<Deno.TcpConn>();
  const running = new Set<Promise<void>>();

  async function serve(conn: Deno.TcpConn): Promise<void> {
    const buffer = new Uint8Array(64 * 1024);
    let length = 0;
    while (length < HEAD) {
      const n = await conn.read(buffer.subarray(length, HEAD));
      // A client that left before it said a word, or an attempt that was given up.
      if (n === null) return;
      length += n;
    }
    const { id, up, down, downWrite, idleMiddle } = decodeHead(buffer);
    if (arrived.has(id)) problems.push(`client ${id} came twice`);
    arrived.set(id, 0);
    let gone = false;

    const taking = (async () => {
      const payload = payloadOf(id, "up");
      for (let at = 0; at < up;) {
        const n = await conn.read(buffer);
        if (n === null) break;
        if (at + n > up) problems.push(`client ${id}: more came than was sent`);
        if (!payload.matches(buffer.subarray(0, n), at)) problems.push(`client ${id}: wrong bytes`);
        at += n;
        arrived.set(id, at);
      }
      gone = (arrived.get(id) ?? 0) < up;
    })();
    const giving = (async () => {
      const payload = payloadOf(id, "down");
      let idle = idleMiddle;
      for (let at = 0; at < down && !gone;) {
        if (idle > 0 && at > down / 2) {
          await new Promise((resolve) => setTimeout(resolve, idle));
          idle = 0;
        }
        at += await conn.write(payload.piece(at, Math.min(downWrite, down - at)));
      }
    })();
    await Promise.all([taking, giving]);
    await conn.closeWrite();
    while (await conn.read(buffer) !== null) problems.push(`client ${id}: bytes behind the last`);
  }

  async function run(conn: Deno.TcpConn): Promise<void> {
    open.add(conn);
    try {
      conn.setNoDelay(true);
      await serve(conn);
    } catch {
      // The far side of a struck connection: what had come by then is noted.
    } finally {
      open.delete(conn);
      closeQuietly(conn);
    }
  }

  const accepting = (async () => {
    for await (const conn of listener) {
      const work = run(conn).finally(() => running.delete(work));
      running.add(work);
    }
  })();

  return {
    port: listener.addr.port,
    arrived,
    problems,
    open: () => open.size,
    async [Symbol.asyncDispose]() {
      listener.close();
      await accepting;
      for (const conn of open) closeQuietly(conn);
      await Promise.all(running);
    },
  };
}

function closeQuietly(conn: Deno.Conn): void {
  try {
    conn.close();
  } catch {
    // Closed already.
  }
}
