/**
 * Shares the event loop among the connections.
 *
 * An operation on a socket that is ready completes at once, and the runtime looks at the other
 * sockets only when it has nothing to do, or after some sixty rounds of its own: one connection
 * that always has something to move would keep the rest waiting for tens of milliseconds (measured:
 * docs/decisions/0010). So whoever has moved enough waits for a byte to itself on a pair of sockets,
 * which comes by way of that look, and costs some 15 µs.
 */

/** Bytes that are moved between two looks: alone, since new connections and signals wait as well … */
const ALONE = 1024 * 1024;
/** … and where others have something to move. */
const SHARED = 32 * 1024;

export class Turns {
  #connections = 0;
  #moved = 0;
  #pair: Promise<SocketPair | undefined> | undefined;
  #turn: Promise<void> | undefined;

  /** A connection begins to move bytes; the result says that it has ended. */
  enter(): () => void {
    this.#connections++;
    return () => this.#connections--;
  }

  /** So many bytes were moved: what to wait for before the next, if anything. */
  moved(bytes: number): Promise<void> | undefined {
    if (this.#turn) return this.#turn;
    this.#moved += bytes;
    if (this.#moved < (this.#connections > 1 ? SHARED : ALONE)) return undefined;
    this.#moved = 0;
    this.#turn = this.#look().finally(() => this.#turn = undefined);
    return this.#turn;
  }

  async close(): Promise<void> {
    const pair = await this.#pair;
    pair?.near.close();
    pair?.far.close();
  }

  async #look(): Promise<void> {
    this.#pair ??= openPair();
    const pair = await this.#pair;
    try {
      if (!pair) throw new Error("without a pair of sockets");
      const arrival = pair.far.read(pair.buffer);
      await pair.near.write(pair.byte);
      await arrival;
    } catch {
      // A longer wait, and as good a look.
      await new Promise((resolve) => setTimeout(resolve, 0));
    }
  }
}

interface SocketPair {
  readonly near: Deno.TcpConn;
  readonly far: Deno.TcpConn;
  readonly byte: Uint8Array;
  readonly buffer: Uint8Array;
}

async function openPair(): Promise<SocketPair | undefined> {
  try {
    using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const accepting = listener.accept();
    accepting.catch(() => {});
    const near = await Deno.connect({ hostname: "127.0.0.1", port: listener.addr.port });
    const far = await accepting;
    near.setNoDelay(true);
    const own = near.localAddr.transport === "tcp" && far.remoteAddr.transport === "tcp" &&
      near.localAddr.port === far.remoteAddr.port;
    if (own) return { near, far, byte: new Uint8Array(1), buffer: new Uint8Array(1) };
    // Somebody else on this computer was quicker.
    near.close();
    far.close();
  } catch {
    // No descriptors, or no loopback device: done without.
  }
  return undefined;
}
