import assert from "node:assert/strict";
import {
  patternBytes,
  startEchoServer,
  startHttp10Server,
  startReplyAfterEofServer,
  startReplyServer,
  startResettingServer,
} from "./http_servers.ts";
import { readToEnd, writeAll } from "./local_server.ts";

const connect = (port: number) => Deno.connect({ hostname: "127.0.0.1", port });

async function readAll(conn: Deno.Conn): Promise<Uint8Array> {
  const chunks: number[] = [];
  const buffer = new Uint8Array(64 * 1024);
  for (let n = await conn.read(buffer); n !== null; n = await conn.read(buffer)) {
    for (const byte of buffer.subarray(0, n)) chunks.push(byte);
  }
  return Uint8Array.from(chunks);
}

Deno.test("startHttp10Server: the body ends by FIN", async () => {
  const body = patternBytes(200_000);
  await using server = startHttp10Server(body);
  for (let i = 1; i <= 2; i++) {
    using conn = await connect(server.port);
    await writeAll(conn, new TextEncoder().encode("GET / HTTP/1.0\r\n\r\n"));
    const answer = await readAll(conn);
    assert.deepEqual(answer.subarray(answer.length - body.length), body);
    assert.equal(server.accepted(), i);
  }
});

Deno.test("startEchoServer and startReplyServer: what comes back", async () => {
  await using echo = startEchoServer();
  await using reply = startReplyServer(patternBytes(100_000));
  using a = await connect(echo.port);
  using b = await connect(reply.port);
  for (const conn of [a, b]) {
    await writeAll(conn, new Uint8Array([1, 2, 3]));
    await conn.closeWrite();
  }
  assert.deepEqual(await readAll(a), new Uint8Array([1, 2, 3]));
  assert.deepEqual(await readAll(b), patternBytes(100_000));
});

Deno.test("startReplyAfterEofServer: says nothing before the end", async () => {
  await using server = startReplyAfterEofServer(patternBytes(1_000));
  using conn = await connect(server.port);
  await writeAll(conn, new Uint8Array(70_000));
  await conn.closeWrite();
  assert.equal(await readToEnd(conn), 1_000);
});

Deno.test("startResettingServer: bytes, then a reset", async () => {
  await using server = await startResettingServer(new Uint8Array(10));
  using conn = await connect(server.port);
  assert.equal(await conn.read(new Uint8Array(100)), 10);
  await writeAll(conn, new Uint8Array(1));
  await assert.rejects(readToEnd(conn), Deno.errors.ConnectionReset);
});

Deno.test("a local server can be disposed of with connections open", async () => {
  const server = startEchoServer();
  using conn = await connect(server.port);
  await writeAll(conn, new Uint8Array(1));
  await conn.read(new Uint8Array(1));
  assert.equal(server.open(), 1);
  await server[Symbol.asyncDispose]();
  assert.equal(server.open(), 0);
});
