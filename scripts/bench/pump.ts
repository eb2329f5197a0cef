/**
 * The far side of the benchmark, a process of its own: a data plane that does nothing but pump
 * frames, so that it is the ceiling and not the subject. The resource port says what it does, see
 * `modes.ts`; for each there is a plain TCP listener as well, without TLS and frames.
 */

import { createCertificates } from "../../plugins/emulator/certificates.ts";
import { type Mode, modes } from "./modes.ts";

/** Payload bytes of one write. */
const WRITE = 256 * 1024;

const certificates = await createCertificates(new Date());
const tls = Deno.listenTls({
  hostname: "127.0.0.1",
  port: 0,
  cert: certificates.certificate,
  key: certificates.key,
});
const tcp = modes.map((mode) => ({
  mode,
  listener: Deno.listen({ hostname: "127.0.0.1", port: 0 }),
}));
/** Which port each session was asked for, by its token. */
const wanted = new Map<string, string>();

console.log(JSON.stringify({
  tls: tls.addr.port,
  tcp: tcp.map(({ listener }) => listener.addr.port),
  ca: certificates.ca,
  certificate: certificates.certificate,
  key: certificates.key,
}));
await Promise.all([
  (async () => {
    for await (const conn of tls) ignoreGone(serveHttp(conn));
  })(),
  ...tcp.map(async ({ mode, listener }) => {
    for await (const conn of listener) {
      conn.setNoDelay(true);
      ignoreGone(serveTcp(conn, mode));
    }
  }),
]);

/** A client that leaves is how every measurement ends. */
function ignoreGone(work: Promise<void>): void {
  work.catch(() => {});
}

async function serveTcp(conn: Deno.Conn, mode: Mode): Promise<void> {
  using _conn = conn;
  await pump(mode, conn, {
    block: new Uint8Array(WRITE),
    payloadOf: (bytes) => bytes.length,
    answer: (size) => new Uint8Array(size),
  });
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
      const mode = modes.find(({ port }) => String(port) === wanted.get(token));
      if (!mode) return;
      return await pump(mode, conn, {
        block: framed(mode.serverFrame),
        payloadOf: createCounter(),
        answer: frame,
      });
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

interface Dialect {
  /** What is sent again and again. */
  readonly block: Uint8Array;
  /** How many payload bytes are in what was read. */
  payloadOf(bytes: Uint8Array): number;
  /** So many bytes, ready to be sent. */
  answer(size: number): Uint8Array;
}

async function pump({ kind }: Mode, conn: Deno.Conn, dialect: Dialect): Promise<void> {
  if (kind === "source") {
    for (;;) await writeAll(conn, dialect.block);
  }
  const buffer = new Uint8Array(256 * 1024);
  let owed = 0;
  for (;;) {
    const n = await conn.read(buffer);
    if (n === null) return;
    owed += dialect.payloadOf(buffer.subarray(0, n));
    // A sink acknowledges each MiB with a byte: that is how the sender knows what has arrived.
    const unit = kind === "echo" ? 1 : 1024 * 1024;
    const count = Math.floor(owed / unit);
    if (count === 0) continue;
    owed -= count * unit;
    await writeAll(conn, dialect.answer(count));
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

/** One write's worth of frames of that size, or one frame, whichever is more. */
function framed(size: number): Uint8Array {
  const one = frame(size);
  const count = Math.max(1, Math.floor(WRITE / size));
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
