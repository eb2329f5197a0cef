/**
 * A program for memory_test.ts: accepts TCP connections and opens a TLS connection for each, and
 * keeps both, a read pending on each of them. What that costs is Deno's own.
 *
 * Arguments: the port of a TLS server on 127.0.0.1, a file with its CA.
 */

// As the program has it: every connection of Deno's has a trust store of its own.
Deno.env.set("DENO_TLS_CA_STORE", "system,mozilla");

const [tlsPort, caFile = ""] = Deno.args;
const caCerts = [await Deno.readTextFile(caFile)];
const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
console.log(`port ${listener.addr.port}`);
for await (const local of listener) hold(local).catch(() => {});

async function hold(local: Deno.TcpConn): Promise<void> {
  const plain = await Deno.connect({ hostname: "127.0.0.1", port: Number(tlsPort) });
  const secure = await Deno.startTls(plain, { hostname: "127.0.0.1", caCerts });
  await secure.handshake();
  await local.write(Uint8Array.of(1));
  await Promise.race([local.read(new Uint8Array(1)), secure.read(new Uint8Array(1))]);
  local.close();
  secure.close();
}
