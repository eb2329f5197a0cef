import assert from "node:assert/strict";
import type { ByteStream } from "../../core/mod.ts";
import { writeBehind } from "./write_behind.ts";

const ROOM = 256 * 1024;

/** A stream whose every write a test lets go on. */
function heldStream() {
  const writes: { readonly size: number; readonly done: PromiseWithResolvers<number> }[] = [];
  const written: number[] = [];
  const closed: string[] = [];
  const stream: ByteStream = {
    read: () => Promise.resolve(3),
    async write(bytes) {
      const done = Promise.withResolvers<number>();
      writes.push({ size: bytes.length, done });
      const taken = await done.promise;
      for (const byte of bytes.subarray(0, taken)) written.push(byte);
      return taken;
    },
    closeWrite: () => Promise.resolve(void closed.push("closeWrite")),
    close: () => void closed.push("close"),
  };
  return { stream, writes, written, closed };
}

/** Everything that can go on has gone on. */
const settled = () => new Promise((resolve) => setTimeout(resolve, 0));

Deno.test("writeBehind: bytes are taken while others are written, and written in order", async () => {
  const { stream, writes, written, closed } = heldStream();
  const behind = writeBehind(stream);
  const bytes = Uint8Array.of(1, 2, 3);
  assert.equal(await behind.write(bytes), 3);
  // A view, which its owner uses again.
  bytes.fill(9);
  assert.equal(await behind.write(Uint8Array.of(4, 5)), 2);
  assert.equal(await behind.write(Uint8Array.of(6)), 1);
  assert.deepEqual(writes.map(({ size }) => size), [3], "the first at once");
  const closing = behind.closeWrite();
  writes[0]?.done.resolve(1);
  await settled();
  writes[1]?.done.resolve(2);
  await settled();
  assert.deepEqual(writes.map(({ size }) => size), [3, 2, 3], "what was left, then all that came");
  assert.deepEqual(closed, [], "not before everything is written");
  writes[2]?.done.resolve(3);
  await closing;
  assert.deepEqual([written, closed], [[1, 2, 3, 4, 5, 6], ["closeWrite"]]);
  assert.equal(await behind.read(new Uint8Array(3)), 3);
});

Deno.test("writeBehind: what nobody reads is not taken without end", async () => {
  const { stream, writes } = heldStream();
  const behind = writeBehind(stream);
  const chunk = new Uint8Array(ROOM - 10);
  await behind.write(chunk);
  await behind.write(chunk);
  assert.equal(await behind.write(chunk), 10, "as much as there is room for");
  let more: number | undefined;
  const waiting = behind.write(chunk).then((taken) => more = taken);
  await settled();
  assert.equal(more, undefined);
  writes[0]?.done.resolve(chunk.length);
  await waiting;
  assert.equal(more, chunk.length);
  writes[1]?.done.resolve(ROOM);
  await settled();
  writes[2]?.done.resolve(chunk.length);
  await behind.closeWrite();
});

Deno.test("writeBehind: a failure ends who waits, the next write, and closeWrite", async () => {
  const { stream, writes, closed } = heldStream();
  const behind = writeBehind(stream);
  await behind.write(new Uint8Array(1));
  await behind.write(new Uint8Array(ROOM));
  const waiting = assert.rejects(behind.write(new Uint8Array(1)), Deno.errors.BrokenPipe);
  writes[0]?.done.reject(new Deno.errors.BrokenPipe("gone"));
  await waiting;
  await assert.rejects(behind.write(new Uint8Array(1)), Deno.errors.BrokenPipe);
  await assert.rejects(behind.closeWrite(), Deno.errors.BrokenPipe);
  assert.equal(writes.length, 1);
  behind.close();
  assert.deepEqual(closed, ["close"]);
});
