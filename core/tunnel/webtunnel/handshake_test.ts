import assert from "node:assert/strict";
import fc from "fast-check";
import {
  beginsWithHttp,
  createUpgradeRequest,
  parseUpgradeAnswer,
  problemOfUpgrade,
} from "./handshake.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

Deno.test("the request is what PROTOCOL §3 asks for, and no more", async () => {
  const { bytes: request, accept } = await createUpgradeRequest(
    "hub.example:444",
    "/webtunnelv2/t?X-Node-Id=n",
  );
  const lines = new TextDecoder().decode(request).split("\r\n");
  assert.equal(lines[0], "GET /webtunnelv2/t?X-Node-Id=n HTTP/1.1");
  const headers = Object.fromEntries(lines.slice(1, -2).map((line) => line.split(": ")));
  const { "Sec-WebSocket-Key": key, ...rest } = headers;
  assert.deepEqual(rest, {
    "Host": "hub.example:444",
    "Upgrade": "websocket",
    "Connection": "Upgrade",
    "Sec-WebSocket-Version": "13",
    "Origin": "https://hub.example:444",
  });
  assert.equal(atob(key ?? "").length, 16);
  const digest = await crypto.subtle.digest(
    "SHA-1",
    bytes(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`),
  );
  assert.equal(accept, btoa(String.fromCharCode(...new Uint8Array(digest))));
});

Deno.test("a path cannot bring headers of its own", async () => {
  for (const path of ["/a b", "/a\r\nX: y", "relative", "/ü"]) {
    await assert.rejects(createUpgradeRequest("hub", path), TypeError);
  }
});

Deno.test("an answer is complete at its empty line, wherever it is cut", () => {
  const text =
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nX-A: 1\r\nx-a: 2\r\n\r\nrest";
  const end = text.indexOf("rest");
  for (let length = 0; length < end; length++) {
    assert.equal(parseUpgradeAnswer(bytes(text.slice(0, length))), undefined);
  }
  assert.deepEqual(parseUpgradeAnswer(bytes(text)), {
    status: 101,
    statusText: "Switching Protocols",
    headers: new Map([["upgrade", "websocket"], ["x-a", "1, 2"]]),
    bodyAt: end,
  });
});

const malformed: [string, string][] = [
  ["not HTTP at all", "SSH-2.0-OpenSSH_9.2\r\n"],
  ["another HTTP", "HTTP/2 101\r\n\r\n"],
  ["a header without a name", "HTTP/1.1 101 OK\r\n: x\r\n\r\n"],
  ["a header without a colon", "HTTP/1.1 101 OK\r\nnothing\r\n\r\n"],
  ["a head without end", `HTTP/1.1 101 OK\r\nX: ${"a".repeat(20_000)}`],
];
for (const [name, text] of malformed) {
  Deno.test(`an answer that is ${name} is named as such`, () => {
    const parsed = parseUpgradeAnswer(bytes(text));
    assert.ok(parsed && "problem" in parsed && parsed.problem.length > 0);
  });
}

const upgrades: [string, Record<string, string>, string | undefined][] = [
  ["as the standard has it", {}, undefined],
  ["with Connection: Upgrade, Keep-Alive", { connection: "Upgrade, Keep-Alive" }, undefined],
  ["in other case", { upgrade: "WebSocket", connection: "upgrade" }, undefined],
  ["without Upgrade", { upgrade: "" }, "its 101 has no Upgrade header"],
  ["without Connection", { connection: "keep-alive" }, "its 101 has no Connection header"],
  ["with a wrong accept", { "sec-websocket-accept": "x" }, "its Sec-WebSocket-Accept is wrong"],
  [
    "with an extension",
    { "sec-websocket-extensions": "permessage-deflate" },
    "it wants an extension",
  ],
  ["with a subprotocol", { "sec-websocket-protocol": "chat" }, "it wants a subprotocol"],
];
for (const [name, changed, problem] of upgrades) {
  Deno.test(`a 101 ${name}`, () => {
    const headers = new Map(Object.entries({
      upgrade: "websocket",
      connection: "Upgrade",
      "sec-websocket-accept": "right",
      ...changed,
    }));
    const answer = { status: 101, statusText: "", headers, bodyAt: 0 };
    assert.equal(problemOfUpgrade(answer, "right"), problem);
  });
}

Deno.test("a raw HTTP answer behind a 101 is recognised", () => {
  assert.ok(beginsWithHttp(bytes("HTTP/1.1 400 Bad Request\r\n")));
  assert.ok(!beginsWithHttp(Uint8Array.of(0x82, 1, 65)));
});

Deno.test("garbage never throws", () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (input) => {
    parseUpgradeAnswer(input);
    parseUpgradeAnswer(Uint8Array.from([...bytes("HTTP/1.1 101 "), ...input]));
  }));
});
