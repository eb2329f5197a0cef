import assert from "node:assert/strict";
import { Turns } from "./turns.ts";

const MIB = 1024 * 1024;

Deno.test("turns: alone, a connection looks round after each MiB; beside others, much sooner", async () => {
  const turns = new Turns();
  try {
    const leave = turns.enter();
    assert.equal(turns.moved(MIB - 1), undefined);
    await turns.moved(1);
    assert.equal(turns.moved(64 * 1024), undefined);
    const leaveToo = turns.enter();
    const [first, second] = [turns.moved(1), turns.moved(1)];
    assert.ok(first);
    // Whoever comes meanwhile waits for the same look.
    assert.equal(first, second);
    await first;
    assert.equal(turns.moved(32 * 1024 - 1), undefined);
    leaveToo();
    assert.equal(turns.moved(1), undefined);
    leave();
  } finally {
    await turns.close();
  }
});

Deno.test("turns: a socket that is always ready does not keep another one waiting", async () => {
  const turns = new Turns();
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const connect = async () => {
    const [near, far] = await Promise.all([
      Deno.connect({ hostname: "127.0.0.1", port: listener.addr.port }),
      listener.accept(),
    ]);
    return { near, far };
  };
  const busy = await connect();
  const quiet = await connect();
  const answered = Promise.withResolvers<void>();
  let moves = 0;
  let done = false;
  // A connection to itself: there is always room to write, and something to read.
  const moving = (async () => {
    const block = new Uint8Array(32 * 1024);
    const leave = [turns.enter(), turns.enter()];
    while (!done && moves < 100_000) {
      await busy.near.write(block.subarray(0, 1024));
      await busy.far.read(block);
      moves++;
      await turns.moved(block.length);
    }
    for (const left of leave) left();
  })();
  const answering = (async () => {
    await quiet.far.read(new Uint8Array(1));
    answered.resolve();
  })();
  const before = moves;
  await quiet.near.write(Uint8Array.of(1));
  await answered.promise;
  done = true;
  await Promise.all([moving, answering]);
  assert.ok(moves - before < 50, `${moves - before} moves before the other socket was looked at`);
  for (const { near, far } of [busy, quiet]) {
    near.close();
    far.close();
  }
  await turns.close();
});
