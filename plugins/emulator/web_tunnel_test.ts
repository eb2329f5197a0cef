import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import { once } from "node:events";
import type net from "node:net";
// @ts-types="@types/ws"
import { WebSocket } from "ws";
import { demoWorld } from "./demo_world.ts";
import { startEmulator } from "./emulator.ts";
import { openLoopbackServer } from "./loopback_server.ts";
import { createTestClient } from "./test_client.ts";
import { clientFrame, openRawSocket, payloadOf, readFrames } from "./test_raw_socket.ts";

/** A world whose VM leads, on port 9000, to a server of the test's. */
async function emulatorFor(onSocket: (socket: net.Socket) => void) {
  const target = await openLoopbackServer({ allowHalfOpen: true, onSocket });
  const [vm] = demoWorld.virtualMachines;
  const emulator = await startEmulator({
    world: {
      ...demoWorld,
      virtualMachines: [{
        ...vm,
        ports: { "7": "echo", "9000": `127.0.0.1:${target.port}`, "9001": "127.0.0.1:1" },
      }],
    },
  });
  return {
    emulator,
    async [Symbol.asyncDispose]() {
      await emulator.stop();
      await target.close();
    },
  };
}

/** Everything that comes until the close, and its code. */
async function drain(webSocket: WebSocket) {
  const chunks: Buffer[] = [];
  webSocket.on("message", (data) => {
    assert.ok(data instanceof Buffer);
    chunks.push(data);
  });
  const [code, reason] = await once(webSocket, "close");
  return { bytes: Buffer.concat(chunks), code: Number(code), reason: String(reason) };
}

/** Until the number does not move any more: the buffers on the way are full. */
async function standstill(number: () => number): Promise<void> {
  for (let last = -1; last !== number();) {
    last = number();
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
}

async function eventually(isTrue: () => boolean): Promise<void> {
  for (let i = 0; !isTrue(); i++) {
    assert.ok(i < 1000, "it does not become true");
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

function hash(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

function randomBytes(length: number): Buffer {
  const bytes = Buffer.alloc(length);
  for (let at = 0; at < length; at += 65_536) {
    crypto.getRandomValues(bytes.subarray(at, Math.min(length, at + 65_536)));
  }
  return bytes;
}

Deno.test("what is sent in frames of any size comes back from the echo, byte for byte", async () => {
  await using emulator = await startEmulator();
  using client = createTestClient(emulator);
  const webSocket = await client.connect(7);
  const sent = randomBytes(8 * 1024 * 1024 + 17);
  const received: Buffer[] = [];
  let length = 0;
  const all = new Promise<void>((resolve) => {
    webSocket.on("message", (data) => {
      assert.ok(data instanceof Buffer);
      received.push(data);
      length += data.length;
      if (length >= sent.length) resolve();
    });
  });
  let frames = 0;
  for (let at = 0; at < sent.length; frames++) {
    const size = frames < 10 ? 1 : frames % 7 === 0 ? 1024 * 1024 : 4096 + frames;
    webSocket.send(sent.subarray(at, at + size));
    at += size;
  }
  await all;
  assert.equal(hash(Buffer.concat(received)), hash(sent));
  const stats = emulator.stats();
  assert.equal(stats.framesUp, frames);
  assert.equal(stats.largestFrameUp, 1024 * 1024);
  assert.equal(stats.bytesUp, sent.length);
  assert.equal(stats.bytesDown, sent.length);
  assert.equal(stats.openWebSockets, 1);
  webSocket.close();
  await once(webSocket, "close");
});

Deno.test("a target that sends and ends: every byte, then Close 1000", async () => {
  const reply = randomBytes(8 * 1024 * 1024);
  await using world = await emulatorFor((socket) => {
    socket.end(reply);
  });
  using client = createTestClient(world.emulator);
  const { bytes, code } = await drain(await client.connect(9000));
  assert.equal(hash(bytes), hash(reply));
  assert.equal(code, 1000);
});

Deno.test("a slow client gets every byte, and the target is held back meanwhile", async () => {
  const total = 64 * 1024 * 1024;
  let written = 0;
  await using world = await emulatorFor((socket) => {
    const block = Buffer.alloc(1024 * 1024, 7);
    const write = () => {
      while (written < total) {
        written += block.length;
        if (!socket.write(block)) {
          socket.once("drain", write);
          return;
        }
      }
      socket.end();
    };
    write();
  });
  using client = createTestClient(world.emulator);
  const url = client.webSocketUrl(await client.session(9000));
  using socket = await openRawSocket(world.emulator, url);
  await standstill(() => written);
  assert.ok(written < total, "the target was not held back");
  const { bytes } = await socket.drain();
  assert.equal((await payloadOf(bytes)).length, total);
  const close = readFrames(bytes).at(-1);
  assert.deepEqual([close?.opcode, close?.payload], [8, Uint8Array.of(1000 >> 8, 1000 & 255)]);
});

Deno.test("a slow target gets every byte, and the client is held back meanwhile", async () => {
  const total = 64 * 1024 * 1024;
  let read = 0;
  const target = Promise.withResolvers<net.Socket>();
  await using world = await emulatorFor((socket) => {
    socket.pause();
    socket.on("data", (chunk: Buffer) => read += chunk.length);
    target.resolve(socket);
  });
  using client = createTestClient(world.emulator);
  const url = client.webSocketUrl(await client.session(9000));
  using socket = await openRawSocket(world.emulator, url);
  let written = 0;
  const frame = clientFrame(new Uint8Array(65_522));
  const sending = (async () => {
    const writer = socket.conn.writable.getWriter();
    for (; written < total; written += frame.length) await writer.write(frame);
  })();
  await standstill(() => written);
  assert.ok(written < total, "the client was not held back");
  assert.ok(world.emulator.stats().bytesUp < total);
  (await target.promise).resume();
  await sending;
  await eventually(() => read === total / 65_536 * 65_522);
});

Deno.test("a client that sends and closes: the target gets every byte, then FIN", async () => {
  const sent = randomBytes(8 * 1024 * 1024);
  const target = Promise.withResolvers<Buffer>();
  await using world = await emulatorFor((socket) => {
    const chunks: Buffer[] = [];
    socket.on("data", (chunk: Buffer) => chunks.push(chunk));
    socket.on("end", () => {
      target.resolve(Buffer.concat(chunks));
      socket.end();
    });
  });
  using client = createTestClient(world.emulator);
  const webSocket = await client.connect(9000);
  for (let at = 0; at < sent.length; at += 4096) webSocket.send(sent.subarray(at, at + 4096));
  const closed = once(webSocket, "close");
  webSocket.close(1000);
  assert.equal(hash(await target.promise), hash(sent));
  await closed;
});

Deno.test("a target that refuses, or is not there: the upgrade succeeds, then Close 1011", async () => {
  await using world = await emulatorFor(() => {});
  using client = createTestClient(world.emulator);
  for (const port of [9001, 9999]) {
    const { code, reason } = await drain(await client.connect(port));
    assert.equal(code, 1011);
    assert.match(reason, /refused/);
  }
});

Deno.test("a target that resets ends the client with 1011, after what came before", async () => {
  await using world = await emulatorFor((socket) => {
    socket.once("data", () => socket.resetAndDestroy());
    socket.write("hello");
  });
  using client = createTestClient(world.emulator);
  const webSocket = await client.connect(9000);
  webSocket.once("message", () => webSocket.send("x", { binary: true }));
  const { bytes, code } = await drain(webSocket);
  assert.equal(bytes.toString(), "hello");
  assert.equal(code, 1011);
});

Deno.test("fragments are rejected, as the real service does; text too", async () => {
  await using emulator = await startEmulator();
  using client = createTestClient(emulator);
  const fragmented = await client.connect(7);
  fragmented.send("a", { binary: true, fin: false });
  fragmented.send("b", { binary: true, fin: true });
  const { bytes, code } = await drain(fragmented);
  assert.deepEqual([bytes.length, code], [0, 1002]);
  assert.equal(emulator.stats().continuationFramesUp, 1);
  const text = await client.connect(7);
  text.send("a");
  assert.equal((await drain(text)).code, 1003);
});

Deno.test("pings are answered", async () => {
  await using emulator = await startEmulator();
  using client = createTestClient(emulator);
  const webSocket = await client.connect(7);
  webSocket.ping("are you there");
  const [data] = await once(webSocket, "pong");
  assert.equal(String(data), "are you there");
  webSocket.terminate();
});

Deno.test("a WebSocket token is good once, for its own node id, and not after DELETE", async () => {
  await using emulator = await startEmulator();
  using client = createTestClient(emulator);
  const refusal = async (url: string) => {
    const webSocket = new WebSocket(url, { ca: emulator.ca });
    webSocket.on("error", () => {});
    const [, response] = await once(webSocket, "unexpected-response");
    response.resume();
    return response.statusCode;
  };
  const session = await client.session(7);
  const url = client.webSocketUrl(session);
  assert.equal(await refusal(url.replace(session.nodeId, crypto.randomUUID())), 401);
  const webSocket = new WebSocket(url, { ca: emulator.ca });
  await once(webSocket, "open");
  assert.equal(await refusal(url), 401);
  webSocket.close();
  await once(webSocket, "close");
  const deleted = await client.session(7);
  await client.deleteSession(deleted);
  assert.equal(await refusal(client.webSocketUrl(deleted)), 401);
  assert.equal(emulator.stats().upgradesRefused, 3);
});

Deno.test("stop ends open WebSockets and leaves nothing behind", async () => {
  await using emulator = await startEmulator();
  using client = createTestClient(emulator);
  const webSocket = await client.connect(7);
  webSocket.on("error", () => {});
  const closed = once(webSocket, "close");
  await emulator.stop();
  await closed;
  await assert.rejects(Deno.stat(emulator.directory), Deno.errors.NotFound);
  await emulator.stop();
});
