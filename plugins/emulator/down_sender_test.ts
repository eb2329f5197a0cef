import assert from "node:assert/strict";
import { PassThrough } from "node:stream";
// @ts-types="@types/ws"
import type { WebSocket } from "ws";
import { createDownSender } from "./down_sender.ts";
import { createStats } from "./stats.ts";

Deno.test("giant-message: a chunk counts as sent when the message that it fills is", () => {
  const onSent: (() => void)[] = [];
  const sizes: number[] = [];
  const webSocket = {
    send(bytes: Uint8Array, _options: unknown, sent: () => void) {
      sizes.push(bytes.length);
      onSent.push(sent);
    },
  };
  const sender = createDownSender(
    // Of a WebSocket it calls `send` alone.
    {
      webSocket: webSocket as unknown as WebSocket,
      socket: new PassThrough(),
      stats: createStats(),
    },
    { at: "stream", kind: "giant-message", bytes: 10, afterBytes: 0, direction: "down" },
  );
  let sent = 0;
  const count = () => sent++;
  sender.send(new Uint8Array(8), count);
  assert.deepEqual([sizes, sent], [[], 1]);
  sender.send(new Uint8Array(5), count);
  // Two bytes fill the message, three wait: whoever looks what is buffered is called once it is out.
  assert.deepEqual([sizes, sent], [[10], 1]);
  onSent[0]?.();
  assert.equal(sent, 2);
});
