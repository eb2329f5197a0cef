/** Servers that end their connections in every way a target can; each on a free loopback port. */

import { createServer } from "node:net";
import { listenOnLoopback } from "./listen_on_loopback.ts";
import { finish, type LocalServer, readToEnd, startLocalServer, writeAll } from "./local_server.ts";

/** `size` bytes that tell where each of them belongs: a lost or doubled block shows. */
export function patternBytes(size: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(size);
  // 251 is prime: no power of two, no block size, is a multiple of it.
  for (let at = 0; at < size; at++) bytes[at] = (at % 251) ^ ((at >>> 16) & 0xff);
  return bytes;
}

/** HTTP/1.0 without a length: each response ends by FIN, and by nothing else. */
export function startHttp10Server(body: Uint8Array): LocalServer {
  const head = new TextEncoder().encode(
    "HTTP/1.0 200 OK\r\nContent-Type: application/octet-stream\r\nConnection: close\r\n\r\n",
  );
  return startLocalServer(async (conn) => {
    await readRequestHead(conn);
    await writeAll(conn, head);
    await writeAll(conn, body);
    await finish(conn);
  });
}

/** Sends back what comes, and ends when its peer does. */
export function startEchoServer(): LocalServer {
  return startLocalServer(async (conn) => {
    const buffer = new Uint8Array(64 * 1024);
    for (;;) {
      const n = await conn.read(buffer);
      if (n === null) break;
      await writeAll(conn, buffer.subarray(0, n));
    }
    await conn.closeWrite();
  });
}

/** Answers at the first byte, with all of `reply`, and keeps reading: what `nc -N` talks to. */
export function startReplyServer(reply: Uint8Array): LocalServer {
  return startLocalServer(async (conn) => {
    if (await conn.read(new Uint8Array(64 * 1024)) === null) return;
    await writeAll(conn, reply);
    await finish(conn);
  });
}

/** Reads until its peer ends, and only then answers, with all of `reply`. */
export function startReplyAfterEofServer(reply: Uint8Array): LocalServer {
  return startLocalServer(async (conn) => {
    await readToEnd(conn);
    await writeAll(conn, reply);
    await conn.closeWrite();
  });
}

/** Sends `before`, reads a first byte, and resets the connection (RST, not FIN). */
export async function startResettingServer(
  before: Uint8Array = new Uint8Array(),
): Promise<Pick<LocalServer, "port" | "accepted"> & AsyncDisposable> {
  // Deno's own sockets end by FIN only; node:net can reset.
  let count = 0;
  const server = createServer((socket) => {
    count++;
    socket.on("error", () => {});
    socket.once("data", () => socket.resetAndDestroy());
    if (before.length > 0) socket.write(before);
  });
  return { ...await listenOnLoopback(server), accepted: () => count };
}

async function readRequestHead(conn: Deno.Conn): Promise<void> {
  const buffer = new Uint8Array(4096);
  const decoder = new TextDecoder();
  let text = "";
  while (!text.includes("\r\n\r\n")) {
    const n = await conn.read(buffer);
    if (n === null) return;
    text += decoder.decode(buffer.subarray(0, n), { stream: true });
  }
}
