/**
 * A long way: relays TCP to the port given, everything 40 ms later in each direction, a connection's
 * opening included. A process of its own; it prints its port.
 */

/** One way, in ms. */
const DELAY = 40;

const target = Number(Deno.args[0]);
const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
console.log(JSON.stringify({ port: listener.addr.port }));
for await (const near of listener) relay(near).catch(() => {});

function later(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

async function relay(near: Deno.TcpConn): Promise<void> {
  near.setNoDelay(true);
  // The kernel has accepted at once; over a long way that takes a round trip, during which nothing
  // of the client's arrives.
  await later(2 * DELAY);
  const far = await Deno.connect({ hostname: "127.0.0.1", port: target });
  far.setNoDelay(true);
  await Promise.all([copy(near, far), copy(far, near)]).catch(() => {});
  for (const conn of [near, far]) {
    try {
      conn.close();
    } catch {
      // Closed already.
    }
  }
}

/** Every piece is handed on when its time has come; reading goes on meanwhile. */
async function copy(from: Deno.TcpConn, to: Deno.TcpConn): Promise<void> {
  const buffer = new Uint8Array(64 * 1024);
  let writing = Promise.resolve();
  let failure: { readonly error: unknown } | undefined;
  for (;;) {
    const n = await from.read(buffer);
    // Or a source without end would be read for ever, for nobody.
    if (failure) throw failure.error;
    if (n === null) break;
    const piece = buffer.slice(0, n);
    const arrival = later(DELAY);
    writing = writing.then(() => arrival).then(async () => {
      for (let at = 0; at < piece.length;) at += await to.write(piece.subarray(at));
    });
    writing.catch((error) => failure = { error });
  }
  const arrival = later(DELAY);
  await writing;
  await arrival;
  await to.closeWrite();
}
