/** A TCP server on a free loopback port whose every connection is one call of `serve`. */

import { eventually } from "./eventually.ts";

export interface LocalServer extends AsyncDisposable {
  readonly port: number;
  /** Connections accepted so far. */
  accepted(): number;
  /** Connections that are open now. */
  open(): number;
}

/** Serves one connection; a peer that vanishes meanwhile is no failure of the test's server. */
type Serve = (conn: Deno.TcpConn) => Promise<void>;

export function startLocalServer(serve: Serve): LocalServer {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const connections = new Set<Deno.TcpConn>();
  let count = 0;

  async function run(conn: Deno.TcpConn): Promise<void> {
    connections.add(conn);
    try {
      conn.setNoDelay(true);
      await serve(conn);
    } catch (error) {
      if (!isPeerGone(error)) throw error;
    } finally {
      connections.delete(conn);
      closeQuietly(conn);
    }
  }

  const failures: unknown[] = [];
  const accepting = (async () => {
    for await (const conn of listener) {
      count++;
      run(conn).catch((error) => failures.push(error));
    }
  })();

  return {
    port: (listener.addr as Deno.NetAddr).port,
    accepted: () => count,
    open: () => connections.size,
    async [Symbol.asyncDispose]() {
      listener.close();
      await accepting;
      for (const conn of connections) closeQuietly(conn);
      await eventually("all connections of a test's server ended", () => connections.size === 0);
      if (failures.length > 0) throw new AggregateError(failures, "a test's server failed");
    },
  };
}

export async function writeAll(conn: Deno.Conn, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) at += await conn.write(bytes.subarray(at));
}

/** Reads until the far side ends, and tells how many bytes came. */
export async function readToEnd(conn: Deno.Conn): Promise<number> {
  const buffer = new Uint8Array(64 * 1024);
  let total = 0;
  for (;;) {
    const n = await conn.read(buffer);
    if (n === null) return total;
    total += n;
  }
}

/** Ends by FIN without losing what is on the way: closing with unread input sends RST. */
export async function finish(conn: Deno.TcpConn): Promise<void> {
  await conn.closeWrite();
  await readToEnd(conn);
}

function isPeerGone(error: unknown): boolean {
  return error instanceof Deno.errors.ConnectionReset || error instanceof Deno.errors.BrokenPipe ||
    error instanceof Deno.errors.NotConnected || error instanceof Deno.errors.BadResource ||
    error instanceof Deno.errors.Interrupted;
}

function closeQuietly(conn: Deno.Conn): void {
  try {
    conn.close();
  } catch {
    // Closed already.
  }
}
