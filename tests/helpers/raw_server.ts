/** A server on loopback that a test scripts byte by byte, with TLS or without. */

import type { TestCertificate } from "./test_certificate.ts";

export interface RawServer extends AsyncDisposable {
  /** `127.0.0.1:port`. */
  readonly host: string;
  readonly port: number;
  /** Connections that were accepted so far. */
  readonly connections: number;
}

/** What one connection does; it is closed when that ends. `index` counts connections from 0. */
export type RawAnswer = (conn: Deno.Conn, index: number) => Promise<void> | void;

export function rawServer(answer: RawAnswer, certificate?: TestCertificate): RawServer {
  const address = { hostname: "127.0.0.1", port: 0 };
  const listener = certificate
    ? Deno.listenTls({ ...address, cert: certificate.certificate, key: certificate.key })
    : Deno.listen(address);
  const open = new Set<Deno.Conn>();
  const work: Promise<void>[] = [];
  let connections = 0;

  async function serve(conn: Deno.Conn, index: number): Promise<void> {
    try {
      await answer(conn, index);
    } catch {
      // The client went away, which is what many a test is about.
    } finally {
      open.delete(conn);
      closeQuietly(conn);
    }
  }

  const accepting = (async () => {
    for await (const conn of listener) {
      open.add(conn);
      work.push(serve(conn, connections++));
    }
  })();

  return {
    host: `127.0.0.1:${listener.addr.port}`,
    port: listener.addr.port,
    get connections() {
      return connections;
    },
    async [Symbol.asyncDispose]() {
      listener.close();
      open.forEach(closeQuietly);
      await accepting;
      await Promise.all(work);
    },
  };
}

/** Reads up to the empty line that ends a request's head. */
export async function readRequestHead(conn: Deno.Conn): Promise<string> {
  const byte = new Uint8Array(1);
  let head = "";
  while (!head.endsWith("\r\n\r\n")) {
    if (await conn.read(byte) === null) throw new Error("the client ended within its request");
    head += String.fromCharCode(byte[0] ?? 0);
  }
  return head;
}

export async function writeText(conn: Deno.Conn, text: string): Promise<void> {
  const bytes = new TextEncoder().encode(text);
  for (let at = 0; at < bytes.length;) at += await conn.write(bytes.subarray(at));
}

/** Waits for the client to end; what it sends meanwhile is not looked at. */
export async function untilClosed(conn: Deno.Conn): Promise<void> {
  const bytes = new Uint8Array(4096);
  while (await conn.read(bytes) !== null);
}

/** Closes what may have been closed from elsewhere. */
export function closeQuietly(conn: Deno.Conn): void {
  try {
    conn.close();
  } catch {
    // Closed already.
  }
}
