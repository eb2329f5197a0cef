/** What faults do to a client, seen from the wire. */

import assert from "node:assert/strict";
import { once } from "node:events";
// @ts-types="@types/ws"
import { WebSocket } from "ws";
import { type RunningEmulator, startEmulator } from "./emulator.ts";
import type { FaultInput } from "./fault_schema.ts";
import { openLoopbackServer } from "./loopback_server.ts";
import { createTestClient, type TestClient } from "./test_client.ts";
import { clientFrame, openRawSocket, payloadOf, readFrames } from "./test_raw_socket.ts";
import { demoWorld } from "./demo_world.ts";

const REPLY = Uint8Array.from({ length: 300_000 }, (_, i) => i * 31 + (i >> 8));

/** An emulator with the faults, whose VM sends REPLY on 9000 and waits. */
async function withFaults(
  faults: FaultInput[],
  body: (emulator: RunningEmulator, client: TestClient) => Promise<void>,
): Promise<void> {
  const target = await openLoopbackServer({ onSocket: (socket) => socket.write(REPLY) });
  try {
    const [vm] = demoWorld.virtualMachines;
    const ports = { "7": "echo", "9000": `127.0.0.1:${target.port}` };
    await using emulator = await startEmulator({
      world: { ...demoWorld, virtualMachines: [{ ...vm, ports }], faults },
    });
    using client = createTestClient(emulator);
    await body(emulator, client);
  } finally {
    await target.close();
  }
}

/** What a client of port 9000 sees until the end. */
async function observe(emulator: RunningEmulator, client: TestClient, port = 9000, send?: number) {
  const url = client.webSocketUrl(await client.session(port));
  using socket = await openRawSocket(emulator, url);
  if (send !== undefined) {
    await socket.conn.write(clientFrame(REPLY.subarray(0, send)));
  }
  const { bytes, end } = await socket.drain();
  return { head: socket.head, bytes, payload: await payloadOf(bytes), end };
}

for (const afterBytes of [0, 1, 65_536, 123_457]) {
  Deno.test(`fin after ${afterBytes} bytes: exactly those, then the end in order`, async () => {
    await withFaults([{ at: "stream", kind: "fin", afterBytes }], async (emulator, client) => {
      const { payload, end } = await observe(emulator, client);
      assert.deepEqual(payload, REPLY.subarray(0, afterBytes));
      assert.equal(end, "in order");
      assert.equal(emulator.stats().faultsStruck, 1);
    });
  });
}

Deno.test("fin without close_notify: those bytes, then an end that TLS does not take for one", async () => {
  await withFaults(
    [{ at: "stream", kind: "fin", afterBytes: 70_000, closeNotify: false }],
    async (emulator, client) => {
      const { payload, end } = await observe(emulator, client);
      assert.deepEqual(payload, REPLY.subarray(0, 70_000));
      assert.equal(end, "UnexpectedEof");
    },
  );
});

Deno.test("rst is a real reset", async () => {
  await withFaults([{ at: "stream", kind: "rst" }], async (emulator, client) => {
    assert.equal((await observe(emulator, client)).end, "ConnectionReset");
  });
});

Deno.test("mid-frame: every byte that came before the cut, in a frame that promised more", async () => {
  await withFaults(
    [{ at: "stream", kind: "mid-frame", afterBytes: 100_000 }],
    async (emulator, client) => {
      const { payload, bytes, end } = await observe(emulator, client);
      assert.deepEqual(payload, REPLY.subarray(0, 100_000));
      const last = readFrames(bytes).at(-1);
      assert.ok(last && last.length === last.payload.length + 1000);
      assert.equal(end, "in order");
    },
  );
});

Deno.test("close: those bytes, then the Close that was asked for", async () => {
  await withFaults(
    [{ at: "stream", kind: "close", code: 1012, reason: "restart", afterBytes: 10 }],
    async (emulator, client) => {
      const { payload, bytes } = await observe(emulator, client);
      assert.deepEqual(payload, REPLY.subarray(0, 10));
      const close = readFrames(bytes).at(-1);
      assert.ok(close?.opcode === 8);
      assert.equal(new DataView(close.payload.slice().buffer).getUint16(0), 1012);
      assert.equal(new TextDecoder().decode(close.payload.subarray(2)), "restart");
    },
  );
});

Deno.test("bytes can be counted on their way up, too", async () => {
  await withFaults(
    [{ at: "stream", kind: "close", code: 1001, direction: "up", afterBytes: 1000 }],
    async (emulator, client) => {
      const { payload } = await observe(emulator, client, 7, 1500);
      assert.equal(emulator.stats().bytesUp, 1000);
      assert.ok(payload.length <= 1000);
    },
  );
});

Deno.test("an empty message, then nothing, while the connection stays", async () => {
  await withFaults([{ at: "stream", kind: "empty-message" }], async (_emulator, client) => {
    const webSocket = await client.connect(7);
    const [data, isBinary] = await once(webSocket, "message");
    assert.deepEqual([data.length, isBinary], [0, true]);
    webSocket.send("x", { binary: true });
    webSocket.close();
    await once(webSocket, "close");
  });
});

Deno.test("silence: the 101, then nothing, not even a pong; and the client's end is noticed", async () => {
  await withFaults([{ at: "stream", kind: "silence" }], async (emulator, client) => {
    const webSocket = await client.connect(7);
    let heard = 0;
    webSocket.on("message", () => heard++);
    webSocket.on("pong", () => heard++);
    webSocket.ping();
    webSocket.send("x", { binary: true });
    await new Promise((resolve) => setTimeout(resolve, 300));
    assert.equal(heard, 0);
    const closed = once(webSocket, "close");
    webSocket.terminate();
    await closed;
    for (let i = 0; emulator.stats().openWebSockets > 0; i++) {
      assert.ok(i < 500, "the WebSocket stays open");
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  });
});

Deno.test("a stalled reader holds the client back for so long, and loses nothing", async () => {
  await withFaults(
    [{ at: "stream", kind: "stall", direction: "up", afterBytes: 1, ms: 700 }],
    async (emulator, client) => {
      const url = client.webSocketUrl(await client.session(7));
      using socket = await openRawSocket(emulator, url);
      const drained = socket.drain();
      const frame = clientFrame(REPLY.subarray(0, 65_522));
      let written = 0;
      const total = 1024 * frame.length;
      const sending = (async () => {
        for (; written < total; written += frame.length) {
          for (let at = 0; at < frame.length;) at += await socket.conn.write(frame.subarray(at));
        }
        // A Close, so that the emulator ends the connection once all is echoed.
        await socket.conn.write(Uint8Array.of(0x88, 0x80, 0, 0, 0, 0));
      })();
      await new Promise((resolve) => setTimeout(resolve, 350));
      assert.ok(written < total, "the client was not held back");
      await sending;
      await drained;
      assert.equal(emulator.stats().bytesUp, 1024 * 65_522);
    },
  );
});

Deno.test("rsv1: those bytes, then a frame with that bit, and nothing more", async () => {
  await withFaults([{ at: "stream", kind: "rsv1", afterBytes: 1000 }], async (emulator, client) => {
    const webSocket = await client.connect(9000);
    let payload = 0;
    webSocket.on("message", (data: Uint8Array) => payload += data.length);
    const [error] = await once(webSocket, "error");
    assert.match(error.message, /RSV1/);
    assert.equal(payload, 1000);
    assert.equal(emulator.stats().bytesDown, 1000);
    await once(webSocket, "close");
  });
});

Deno.test("impossible-length: a header that declares 2^62 bytes", async () => {
  await withFaults([{ at: "stream", kind: "impossible-length" }], async (_emulator, client) => {
    const webSocket = await client.connect(9000);
    const [error] = await once(webSocket, "error");
    assert.equal(error.code, "WS_ERR_UNSUPPORTED_DATA_PAYLOAD_LENGTH");
    await once(webSocket, "close");
  });
});

/** The frames of port 9000's reply up to a Close that comes after all of it. */
async function framesOf(faults: FaultInput[]) {
  let frames: ReturnType<typeof readFrames> = [];
  const target = await openLoopbackServer({ onSocket: (socket) => socket.end(REPLY) });
  try {
    const [vm] = demoWorld.virtualMachines;
    const ports = { "9000": `127.0.0.1:${target.port}` };
    await using emulator = await startEmulator({
      world: { ...demoWorld, virtualMachines: [{ ...vm, ports }], faults },
    });
    using client = createTestClient(emulator);
    const { bytes, payload } = await observe(emulator, client);
    assert.deepEqual(payload, REPLY);
    frames = readFrames(bytes);
  } finally {
    await target.close();
  }
  assert.equal(frames.at(-1)?.opcode, 8);
  return frames.slice(0, -1);
}

Deno.test("text: every byte, in text messages from the byte on that was named", async () => {
  const frames = await framesOf([{ at: "stream", kind: "text", afterBytes: 10 }]);
  assert.deepEqual([frames[0]?.opcode, frames[0]?.payload.length], [2, 10]);
  assert.deepEqual(new Set(frames.slice(1).map(({ opcode }) => opcode)), new Set([1]));
});

Deno.test("fragments: every byte, in messages of several frames", async () => {
  const frames = await framesOf([{ at: "stream", kind: "fragments", bytes: 500 }]);
  assert.ok(frames.length >= 600);
  assert.deepEqual([frames[0]?.opcode, frames[0]?.fin], [2, false]);
  assert.deepEqual([frames[1]?.opcode, frames[1]?.payload.length], [0, 500]);
  assert.ok(frames.at(-1)?.fin);
});

Deno.test("long-lengths: every byte, each length in eight bytes", async () => {
  // The reader of frames takes eight bytes where it finds them; a wrong one would garble the rest.
  const frames = await framesOf([{ at: "stream", kind: "long-lengths" }]);
  assert.deepEqual(
    new Set(frames.map(({ opcode, fin }) => `${opcode} ${fin}`)),
    new Set(["2 true"]),
  );
});

Deno.test("giant-message: full messages of that size, and the rest at the end", async () => {
  const frames = await framesOf([{ at: "stream", kind: "giant-message", bytes: 140_000 }]);
  assert.deepEqual(frames.map(({ length }) => length), [140_000, 140_000, 20_000]);
});

Deno.test("slow, down: so many bytes an interval, and none lost at the end", async () => {
  const start = performance.now();
  await framesOf([{ at: "stream", kind: "slow", bytes: 50_000, ms: 100 }]);
  assert.ok(performance.now() - start >= 550);
});

Deno.test("slow, up: the client is read only so fast", async () => {
  await withFaults(
    [{ at: "stream", kind: "slow", direction: "up", bytes: 2_000, ms: 100 }],
    async (emulator, client) => {
      const webSocket = await client.connect(7);
      const start = performance.now();
      webSocket.send(REPLY.subarray(0, 10_000), { binary: true });
      let echoed = 0;
      while (echoed < 10_000) echoed += (await once(webSocket, "message"))[0].length;
      assert.ok(performance.now() - start >= 450);
      assert.equal(emulator.stats().bytesUp, 10_000);
      webSocket.terminate();
    },
  );
});

Deno.test("latency of a stream delays both ways, keeps the order, and leaves room for a fault", async () => {
  await withFaults([
    { at: "stream", kind: "latency", ms: 150 },
    { at: "stream", kind: "close", code: 1001, direction: "up", afterBytes: 5_000 },
  ], async (emulator, client) => {
    const webSocket = await client.connect(7);
    const start = performance.now();
    webSocket.send(REPLY.subarray(0, 3_000), { binary: true });
    const [first] = await once(webSocket, "message");
    assert.ok(performance.now() - start >= 290);
    assert.deepEqual(new Uint8Array(first), REPLY.subarray(0, first.length));
    webSocket.send(REPLY.subarray(0, 3_000), { binary: true });
    const [code] = await once(webSocket, "close");
    assert.equal(code, 1001);
    assert.equal(emulator.stats().bytesUp, 5_000);
  });
});

const handshakes: [FaultInput & { at: "upgrade" }, (head: string) => void][] = [
  [{ at: "upgrade", kind: "101-without-headers" }, (head) => {
    assert.match(head, /^HTTP\/1\.1 101 /);
    assert.doesNotMatch(head, /^(upgrade|connection):/im);
  }],
  [{ at: "upgrade", kind: "101-wrong-accept" }, (head) => {
    assert.match(head, /^Sec-WebSocket-Accept: A+=\r$/m);
  }],
  [{ at: "upgrade", kind: "101-keep-alive" }, (head) => {
    assert.match(head, /^Connection: Upgrade, Keep-Alive\r$/m);
  }],
];

for (const [fault, check] of handshakes) {
  Deno.test(`${fault.kind}: the head is spoilt, and only for that connection`, async () => {
    await withFaults(
      [{ ...fault, connection: 1 }, { at: "stream", kind: "fin" }],
      async (emulator, client) => {
        check((await observe(emulator, client)).head);
        const { head } = await observe(emulator, client);
        assert.match(head, /^Upgrade: websocket\r$/m);
        assert.match(head, /^Connection: Upgrade\r$/m);
      },
    );
  });
}

Deno.test("101-then-400: an HTTP answer where frames are due", async () => {
  await withFaults([{ at: "upgrade", kind: "101-then-400" }], async (emulator, client) => {
    const { head, bytes } = await observe(emulator, client, 7);
    assert.match(head, /^HTTP\/1\.1 101 /);
    assert.match(new TextDecoder().decode(bytes), /^HTTP\/1\.1 400 Bad Request\r\n/);
  });
});

Deno.test("a refused upgrade shows its status and body, and leaves the token unused", async () => {
  await withFaults(
    [{ at: "upgrade", connection: 1, kind: "status", status: 503, message: "not now" }],
    async (emulator, client) => {
      const url = client.webSocketUrl(await client.session(7));
      const refused = new WebSocket(url, { ca: emulator.ca });
      refused.on("error", () => {});
      const [, response] = await once(refused, "unexpected-response");
      assert.equal(response.statusCode, 503);
      let body = "";
      for await (const chunk of response) body += chunk;
      assert.deepEqual(JSON.parse(body), { message: "not now" });
      const second = new WebSocket(url, { ca: emulator.ca });
      await once(second, "open");
      second.terminate();
    },
  );
});

Deno.test("answers: status with Retry-After, HTML, nothing, no JSON, late", async () => {
  const token = { at: "token" } as const;
  await withFaults([
    { ...token, connection: 1, kind: "status", status: 429, retryAfter: 7 },
    { ...token, connection: 2, kind: "status", status: 502, body: "html", message: "proxy" },
    { ...token, connection: 3, kind: "status", status: 500, body: "empty" },
    { ...token, connection: 4, kind: "not-json" },
    { ...token, connection: 5, kind: "latency", ms: 250 },
    { at: "delete", kind: "status", status: 500 },
    { at: "arm", kind: "status", status: 403, message: "no role" },
  ], async (emulator, client) => {
    const aztoken = await client.accessToken();
    const first = await client.post({ aztoken });
    assert.deepEqual([first.status, first.headers.get("Retry-After")], [429, "7"]);
    const second = await client.post({ aztoken });
    assert.deepEqual([second.status, second.text], [502, "<html><h1>proxy</h1></html>"]);
    const third = await client.post({ aztoken });
    assert.deepEqual([third.status, third.text], [500, ""]);
    const fourth = await client.post({ aztoken });
    assert.equal(fourth.status, 200);
    assert.match(fourth.text, /^<!DOCTYPE html>/);
    const start = performance.now();
    const { authToken, nodeId, websocketToken } = (await client.post({ aztoken })).json;
    assert.ok(performance.now() - start >= 240);
    const deleted = await client.deleteSession({
      authToken: String(authToken),
      nodeId: String(nodeId),
      websocketToken: String(websocketToken),
    });
    assert.equal(deleted.status, 500);
    assert.equal(emulator.stats().outstandingSessions, 1);
    const arm = await client.get("/subscriptions?api-version=2022-12-01", aztoken);
    assert.equal(arm.status, 403);
    assert.deepEqual(arm.json["error"], { code: "EmulatorFault", message: "no role" });
  });
});

Deno.test("bodies: one that is cut, and one without measure", async () => {
  await withFaults([
    { at: "token", connection: 1, kind: "truncated" },
    { at: "token", connection: 2, kind: "huge-body", bytes: 3_000_000, status: 502 },
    { at: "upgrade", connection: 1, kind: "huge-body", status: 503 },
  ], async (emulator, client) => {
    const aztoken = await client.accessToken();
    await assert.rejects(client.post({ aztoken }), /body|end of file|eof|connection/i);
    const huge = await client.post({ aztoken });
    assert.deepEqual([huge.status, huge.text.length], [502, 3_000_000]);
    const refused = new WebSocket(client.webSocketUrl(await client.session(7)), {
      ca: emulator.ca,
    });
    refused.on("error", () => {});
    const [, response] = await once(refused, "unexpected-response");
    assert.equal(response.headers["content-length"], String(100 * 1024 ** 2));
    let read = 0;
    for await (const chunk of response) {
      read += chunk.length;
      if (read > 1_000_000) break;
    }
    refused.terminate();
  });
});

Deno.test("no answer: the end, a reset, or silence until the client gives up", async () => {
  await withFaults([
    { at: "token", connection: 1, kind: "fin" },
    { at: "token", connection: 2, kind: "rst" },
    { at: "token", connection: 3, kind: "silence" },
    { at: "entra", connection: 2, kind: "status", status: 503 },
  ], async (_emulator, client) => {
    const aztoken = await client.accessToken();
    await assert.rejects(client.post({ aztoken }), TypeError);
    await assert.rejects(client.post({ aztoken }), /TypeError|reset/);
    await assert.rejects(client.post({ aztoken }, { signal: AbortSignal.timeout(300) }), {
      name: "TimeoutError",
    });
    assert.equal(await client.accessToken(), "undefined", "Entra fails the second time");
  });
});

Deno.test("faults are replaced at run time, in the file's own terms", async () => {
  await withFaults([], async (emulator, client) => {
    const replace = (body: unknown) =>
      client.request(`${emulator.endpoint}/_emulator/faults`, {
        method: "POST",
        body: JSON.stringify(body),
      });
    const fault = { at: "token", kind: "status", status: 500 };
    assert.equal((await replace([fault])).status, 204);
    assert.equal((await client.post({})).status, 500);
    assert.equal((await replace({ faults: [], seed: 1 })).status, 204);
    assert.equal((await client.post({})).status, 200);
    const wrong = await replace([{ ...fault, statuss: 3 }]);
    assert.equal(wrong.status, 400);
    assert.match(String(wrong.json["message"]), /faults\[0\]: unknown key "statuss".*"status"/);
    assert.equal((await client.post({})).status, 200, "the old list stays");
    const stats = await client.request(`${emulator.endpoint}/_emulator/stats`);
    assert.deepEqual(stats.json, emulator.stats());
    const secrets = `${emulator.endpoint}/_emulator/secrets`;
    assert.equal((await client.request(secrets)).status, 401);
    const key = emulator.environment["BASTION_EMULATOR_KEY"] ?? "";
    const listed = await client.request(secrets, { headers: { Authorization: `Bearer ${key}` } });
    assert.deepEqual(JSON.parse(listed.text), emulator.secrets());
    assert.ok(emulator.secrets().includes(emulator.environment["AZURE_CLIENT_SECRET"] ?? ""));
  });
});
