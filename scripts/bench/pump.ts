/**
 * The far side of the benchmark, a process of its own: a data plane that does nothing but pump
 * frames, so that it is the ceiling and not the subject. The resource port says what it does:
 * 1 sends without end, 2 counts what comes, 3 sends it back. A second, plain TCP listener does the
 * same without TLS and frames, by the first byte that it is sent.
 */

import { createCertificates } from "../../plugins/emulator/certificates.ts";

/** Payload bytes of one write. */
const WRITE = 256 * 1024;

const frameSize = Number(Deno.args[0]);
const certificates = await createCertificates(new Date());
const tls = Deno.listenTls({
  hostname: "127.0.0.1",
  port: 0,
  cert: certificates.certificate,
  key: certificates.key,
});
const tcp = Deno.listen({ hostname: "127.0.0.1", port: 0 });
/** Which port each session was asked for, by its token. */
const wanted = new Map<string, string>();

console.log(JSON.stringify({ tls: tls.addr.port, tcp: tcp.addr.port, ca: certificates.ca }));
await Promise.all([
  (async () => {
    for await (const conn of tls) ignoreGone(serveHttp(conn));
  })(),
  (async () => {
    for await (const conn of tcp) {
      conn.setNoDelay(true);
      ignoreGone(serveTcp(conn));
    }
  })(),
]);

/** A client that leaves is how every measurement ends. */
function ignoreGone(work: Promise<void>): void {
  work.catch(() => {});
}

async function serveTcp(conn: Deno.Conn): Promise<void> {
  using _conn = conn;
  const first = new Uint8Array(1);
  if (await conn.read(first) === null) return;
  await pump(String(first[0]), conn, new Uint8Array(WRITE), (bytes) => bytes.length);
}

/** HTTP/1.1, as far as the core's client speaks it. */
async function serveHttp(conn: Deno.TlsConn): Promise<void> {
  using _conn = conn;
  let text = "";
  const buffer = new Uint8Array(64 * 1024);
  for (;;) {
    const n = await conn.read(buffer);
    if (n === null) return;
    text += new TextDecoder("latin1").decode(buffer.subarray(0, n));
    const end = text.indexOf("\r\n\r\n");
    const length = Number(/content-length: (\d+)/i.exec(text)?.[1] ?? 0);
    if (end < 0 || text.length < end + 4 + length) continue;
    const [method, path = ""] = text.split(" ", 2);
    const body = text.slice(end + 4);
    if (method === "GET" && path.startsWith("/webtunnelv2/")) {
      const token = path.slice("/webtunnelv2/".length).split("?", 1)[0] ?? "";
      await upgrade(conn, text);
      const mode = wanted.get(token) ?? "";
      return await pump(mode, conn, framed(WRITE), createCounter());
    }
    await writeAll(conn, answer(method, body));
    text = "";
  }
}

function answer(method: string | undefined, body: string): Uint8Array {
  let content = "";
  if (method === "POST") {
    const token = crypto.randomUUID();
    wanted.set(token, new URLSearchParams(body).get("workloadHostPort") ?? "");
    content = JSON.stringify({ authToken: token, nodeId: "node", websocketToken: token });
  }
  return new TextEncoder().encode(
    `HTTP/1.1 200 OK\r\nContent-Length: ${content.length}\r\n\r\n${content}`,
  );
}

async function upgrade(conn: Deno.Conn, request: string): Promise<void> {
  const key = /sec-websocket-key: (\S+)/i.exec(request)?.[1] ?? "";
  const digest = await crypto.subtle.digest(
    "SHA-1",
    new TextEncoder().encode(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`),
  );
  const accept = btoa(String.fromCharCode(...new Uint8Array(digest)));
  await writeAll(
    conn,
    new TextEncoder().encode(
      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
        `Sec-WebSocket-Accept: ${accept}\r\n\r\n`,
    ),
  );
}

/**
 * @param block what is sent again and again
 * @param payloadOf how many payload bytes are in what was read
 */
async function pump(
  mode: string,
  conn: Deno.Conn,
  block: Uint8Array,
  payloadOf: (bytes: Uint8Array) => number,
): Promise<void> {
  const buffer = new Uint8Array(256 * 1024);
  if (mode === "1") {
    for (;;) await writeAll(conn, block);
  }
  let total = 0;
  let marked = 0;
  for (;;) {
    const n = await conn.read(buffer);
    if (n === null) return;
    total += payloadOf(buffer.subarray(0, n));
    if (mode === "3") {
      await writeAll(conn, block.length === WRITE ? buffer.subarray(0, n) : frame(total - marked));
      marked = total;
    } else if (total - marked >= 1024 * 1024) {
      // An acknowledgement for each MiB: that is how the sender knows what has arrived.
      const count = Math.floor((total - marked) / (1024 * 1024));
      marked += count * 1024 * 1024;
      await writeAll(conn, block.length === WRITE ? new Uint8Array(count) : frame(count));
    }
  }
}

/** One binary frame of `size` zero bytes. */
function frame(size: number): Uint8Array {
  const head = size < 126
    ? [0x82, size]
    : size < 65_536
    ? [0x82, 126, size >> 8, size & 0xff]
    : [0x82, 127, 0, 0, 0, 0, size >>> 24, (size >>> 16) & 0xff, (size >>> 8) & 0xff, size & 0xff];
  const bytes = new Uint8Array(head.length + size);
  bytes.set(head);
  return bytes;
}

/** `size` payload bytes or one frame, whichever is more, in frames. */
function framed(size: number): Uint8Array {
  const one = frame(frameSize);
  const count = Math.max(1, Math.floor(size / frameSize));
  const all = new Uint8Array(one.length * count);
  for (let i = 0; i < count; i++) all.set(one, i * one.length);
  return all;
}

/** Counts payload in masked frames, headers read as they come. */
function createCounter(): (bytes: Uint8Array) => number {
  let left = 0;
  let header: number[] = [];
  return (bytes) => {
    let payload = 0;
    for (let at = 0; at < bytes.length;) {
      if (left > 0) {
        const size = Math.min(left, bytes.length - at);
        left -= size;
        payload += size;
        at += size;
        continue;
      }
      header.push(bytes[at++] ?? 0);
      const short = (header[1] ?? 0) & 0x7f;
      const length = 6 + (short === 126 ? 2 : short === 127 ? 8 : 0);
      if (header.length < Math.max(2, length)) continue;
      left = short < 126
        ? short
        : header.slice(2, length - 4).reduce((sum, byte) => sum * 256 + byte, 0);
      header = [];
    }
    return payload;
  };
}

async function writeAll(conn: Deno.Conn, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) at += await conn.write(bytes.subarray(at));
}
