/**
 * A loopback port behind which the network seems to be dead: whoever connects to it gets no answer,
 * not even a refusal.
 */

export interface DeadListener extends AsyncDisposable {
  /** `127.0.0.1:port`. */
  readonly host: string;
}

/** Far more than any backlog that a runtime asks for. */
const MOST = 5_000;
/** A connection that has not come about by then, on loopback, is one of those without an answer. */
const PATIENCE = 1_000;

/** Fills the backlog of a listener that accepts nobody; Linux then drops what else arrives. */
export async function deadListener(): Promise<DeadListener> {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { hostname, port } = listener.addr;
  const waiting: Deno.Conn[] = [];
  const close = () => {
    for (const conn of waiting) conn.close();
    listener.close();
  };
  for (;;) {
    if (waiting.length === MOST) {
      close();
      throw new Error(`a backlog has room for more than ${MOST} connections`);
    }
    try {
      waiting.push(await Deno.connect({ hostname, port, signal: AbortSignal.timeout(PATIENCE) }));
    } catch (error) {
      if (error instanceof DOMException && error.name === "TimeoutError") break;
      close();
      throw error;
    }
  }
  return {
    host: `${hostname}:${port}`,
    [Symbol.asyncDispose]: () => Promise.resolve(close()),
  };
}
