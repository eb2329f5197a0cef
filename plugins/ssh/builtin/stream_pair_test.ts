import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { once } from "node:events";
import { createStreamPair } from "./stream_pair.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

Deno.test("stream pair: what is written on one side is read on the other, to the end of both", async () => {
  const { stream, socket } = createStreamPair();
  const received: Buffer[] = [];
  socket.on("data", (chunk: Buffer) => received.push(chunk));
  const reused = bytes("down");
  assert.equal(await stream.write(reused), 4);
  reused.fill(0);
  await stream.write(bytes("stream"));
  for (const part of ["a", "bc", "def"]) socket.write(part);
  const into = new Uint8Array(4);
  assert.equal(await stream.read(into), 4);
  assert.deepEqual(into, bytes("abcd"), "in one piece");
  assert.equal(await stream.read(into), 2);
  const closed = once(socket, "close");
  await stream.closeWrite();
  // The far side's end is the socket's, which closes by itself.
  assert.equal(await stream.read(into), null);
  await closed;
  assert.equal(Buffer.concat(received).toString(), "downstream");
});

Deno.test("stream pair: whoever does not read holds up the writer, both ways", async () => {
  const { stream, socket } = createStreamPair();
  let written = 0;
  const writing = (async () => {
    for (let i = 0; i < 64; i++) written += await stream.write(new Uint8Array(64 * 1024));
  })();
  await new Promise((resolve) => setTimeout(resolve, 0));
  assert.ok(written <= 64 * 1024, "it waits for a reader");
  let read = 0;
  socket.on("data", (chunk: Buffer) => read += chunk.length);
  await writing;
  assert.equal(read, 64 * 64 * 1024);

  let flushed = false;
  const flushing = new Promise<void>((resolve) =>
    socket.write(Buffer.alloc(100_000), () => resolve())
  ).then(() => flushed = true);
  const into = new Uint8Array(60_000);
  assert.equal(await stream.read(into), 60_000);
  assert.equal(flushed, false);
  assert.equal(await stream.read(into), 40_000);
  await flushing;
  stream.close();
});

Deno.test("stream pair: an end of either side ends what waits on the other", async () => {
  const a = createStreamPair();
  const reading = a.stream.read(new Uint8Array(1));
  a.socket.destroy();
  assert.equal(await reading, null);
  await assert.rejects(a.stream.write(bytes("x")), Deno.errors.BrokenPipe);

  const b = createStreamPair();
  const closed = once(b.socket, "close");
  const writing = b.stream.write(new Uint8Array(1024 ** 2));
  b.stream.close();
  await closed;
  await writing;
  assert.equal(await b.stream.read(new Uint8Array(1)), null);
});
