import assert from "node:assert/strict";
import { createManualClock } from "../../testing/manual_clock.ts";
import { BufferPool } from "../buffer_pool.ts";
import { openChannel, WRITE_SIZE } from "./channel.ts";
import { encodedLimit } from "./frame_encoder.ts";

/** A connection that has `unread` pieces of input, and notes what is done to it. */
function createConn(unread: readonly Uint8Array[]) {
  const did: string[] = [];
  const pieces = [...unread];
  const conn = {
    read(into: Uint8Array): Promise<number | null> {
      const piece = pieces.shift();
      did.push(piece ? "read" : "read to the end");
      if (!piece) return Promise.resolve(null);
      into.set(piece);
      return Promise.resolve(piece.length);
    },
    write(bytes: Uint8Array): Promise<number> {
      did.push(`write opcode ${(bytes[0] ?? 0) & 0x0f}`);
      return Promise.resolve(bytes.length);
    },
    closeWrite(): Promise<void> {
      did.push("closeWrite");
      return Promise.resolve();
    },
    close: () => void did.push("close"),
  };
  // What a channel does not use of a connection is not played.
  return { did, conn: conn as unknown as Deno.TlsConn };
}

function open(conn: Deno.TlsConn, early = new Uint8Array()) {
  return openChannel({
    conn,
    early,
    frameSize: 4096,
    clock: createManualClock(),
    readBuffers: new BufferPool(1024),
    writeBuffers: new BufferPool(encodedLimit(WRITE_SIZE, 4096)),
  });
}

const message = Uint8Array.of(0x82, 1, 65);

Deno.test("the goodbye is sent, then what is on its way is read, then the socket is closed", async () => {
  const { did, conn } = createConn([message, message]);
  await open(conn).close();
  assert.deepEqual(did, [
    "write opcode 8",
    "closeWrite",
    "read",
    "read",
    "read to the end",
    "close",
  ]);
});

Deno.test("payload that comes with the end is handed on before the end", async () => {
  const { conn } = createConn([Uint8Array.of(...message, 0x88, 2, 0x03, 0xf3)]);
  const channel = open(conn);
  assert.deepEqual(await channel.read(), Uint8Array.of(65));
  await assert.rejects(channel.read(), { code: "peer-closed" });
  await channel.close();
});

Deno.test("bytes that came behind the handshake are payload too", async () => {
  const { conn } = createConn([]);
  const channel = open(conn, Uint8Array.from(message));
  assert.deepEqual(await channel.read(), Uint8Array.of(65));
  await assert.rejects(channel.read(), { code: "peer-cut" });
  await channel.close();
});
