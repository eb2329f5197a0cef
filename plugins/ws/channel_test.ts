import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { EventEmitter } from "node:events";
import { Duplex } from "node:stream";
// @ts-types="@types/ws"
import type { WebSocket } from "ws";
import type { ChannelOptions, PluginContext } from "../../core/mod.ts";
import { createManualClock } from "../../core/testing/manual_clock.ts";
import { openChannel } from "./channel.ts";

/** What the channel sees of the library; a pong is on its way until the test says so. */
class FakeSocket extends EventEmitter {
  readonly OPEN = 1;
  readonly readyState = 1;
  readonly pongs: string[] = [];
  paused = false;
  #sent: (() => void)[] = [];

  pong(data: Buffer, _mask: boolean, sent: () => void): void {
    this.pongs.push(data.toString());
    this.#sent.push(sent);
  }
  pause(): void {
    this.paused = true;
  }
  resume(): void {
    this.paused = false;
  }
  /** The network has taken the oldest pong. */
  taken(): void {
    this.#sent.shift()?.();
  }
}

function openFake() {
  const socket = new FakeSocket();
  const options = { clock: createManualClock(), frameSize: 4096 } as Partial<ChannelOptions>;
  const channel = openChannel(
    socket as unknown as WebSocket,
    new Duplex({ read() {} }),
    options as ChannelOptions,
    {} as PluginContext,
  );
  return { socket, channel };
}

Deno.test("ws channel: of many pings the last is answered, one answer at a time", () => {
  const { socket } = openFake();
  for (let i = 1; i <= 1000; i++) socket.emit("ping", Buffer.from(String(i)));
  assert.deepEqual(socket.pongs, ["1"]);
  socket.taken();
  assert.deepEqual(socket.pongs, ["1", "1000"]);
  socket.taken();
  socket.emit("ping", Buffer.from("next"));
  assert.deepEqual(socket.pongs, ["1", "1000", "next"]);
});

Deno.test("ws channel: a large message comes in pieces, and holds the network back meanwhile", async () => {
  const { socket, channel } = openFake();
  const message = crypto.getRandomValues(new Uint8Array(64 * 1024)).toHex().repeat(8);
  socket.emit("message", Buffer.from(message), true);
  assert.equal(socket.paused, true);
  let received = "";
  let pausedAt = 0;
  while (received.length < message.length) {
    const bytes = await channel.read();
    assert.ok(bytes && bytes.length > 0 && bytes.length <= 32 * 1024);
    received += Buffer.from(bytes).toString();
    if (socket.paused) pausedAt = received.length;
  }
  assert.equal(received, message);
  assert.ok(pausedAt > message.length / 2 && !socket.paused);
});
