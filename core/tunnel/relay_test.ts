import assert from "node:assert/strict";
import { createManualClock } from "../testing/manual_clock.ts";
import { relay, type RelayEnd, type RelayOptions } from "./relay.ts";

const CHUNKS = 50;

/** One side of a relay: what it sends, what it took, and whether it takes anything now. */
function createSide(sends: number) {
  const gate = Promise.withResolvers<void>();
  const closed = Promise.withResolvers<null>();
  const side = {
    reads: 0,
    taken: [] as number[],
    closed: false,
    /** From now on it takes what comes. */
    open: () => gate.resolve(),
    read(): Promise<Uint8Array | null> {
      side.reads++;
      // A side that sends nothing stays open until it is closed.
      if (sends === 0) return closed.promise;
      return Promise.resolve(side.reads > sends ? null : Uint8Array.of(side.reads));
    },
    async write(bytes: Uint8Array): Promise<number> {
      await gate.promise;
      side.taken.push(...bytes);
      return bytes.length;
    },
    close() {
      side.closed = true;
      closed.resolve(null);
    },
  };
  return side;
}

type Side = ReturnType<typeof createSide>;

function start(
  local: Side,
  remote: Side,
  { pingInterval = 0, pongs = 0, hangsUp = true } = {},
) {
  const clock = createManualClock();
  const ends: RelayEnd[] = [];
  const counted = { bytesUp: 0, bytesDown: 0 };
  const options: RelayOptions = {
    local: {
      write: local.write,
      // The program on the other side takes our end for its own, as a rule.
      closeWrite: () => Promise.resolve(hangsUp ? local.close() : undefined),
      close: local.close,
    },
    localReader: { read: local.read, release() {} },
    firstLocal: local.read(),
    channel: {
      read: remote.read,
      write: async (bytes) => {
        await remote.write(bytes);
      },
      ping() {},
      lastByteAt: 0,
      pongs,
      close: () => Promise.resolve(remote.close()),
    },
    firstRemote: remote.read(),
    clock,
    turns: { enter: () => () => {}, moved: () => undefined },
    halfCloseGrace: 1_000,
    pingInterval,
    signal: new AbortController().signal,
    counted,
    onEnd: (end) => ends.push(end),
    onChannelClosed() {},
  };
  return { clock, ends, counted, done: relay(options) };
}

const all = Array.from({ length: CHUNKS }, (_, i) => i + 1);

Deno.test("what the far side does not take, the local side is not asked for", async () => {
  const [local, remote] = [createSide(CHUNKS), createSide(0)];
  const { clock, ends, counted, done } = start(local, remote);
  await clock.advance(100);
  assert.equal(local.reads, 1);
  remote.open();
  await clock.advance(100);
  assert.deepEqual(remote.taken, all);
  assert.equal(remote.closed, false, "a local end is no end of the far side");
  await clock.advance(1_000);
  await done;
  assert.deepEqual(ends, [{ reason: "local-closed" }]);
  assert.equal(counted.bytesUp, CHUNKS);
});

Deno.test("what the local side does not take, the far side is not asked for", async () => {
  const [local, remote] = [createSide(0), createSide(CHUNKS)];
  const { clock, ends, counted, done } = start(local, remote);
  await clock.advance(100);
  assert.equal(remote.reads, 1);
  local.open();
  await clock.advance(100);
  await done;
  assert.deepEqual(local.taken, all);
  assert.deepEqual(ends, [{ reason: "remote-closed" }]);
  assert.equal(counted.bytesDown, CHUNKS);
  assert.equal(clock.pending, 0, "no timer is left");
});

Deno.test("after the far side's end a program that goes on sending is read, then closed", async () => {
  const [local, remote] = [createSide(0), createSide(CHUNKS)];
  const { clock, ends, done } = start(local, remote, { hangsUp: false });
  local.open();
  await clock.advance(1_000);
  assert.deepEqual(local.taken, all);
  assert.deepEqual(ends, [{ reason: "remote-closed" }]);
  assert.equal(local.closed, false, "unread input would destroy what is on its way");
  await clock.advance(2_000);
  await done;
  assert.equal(local.closed, true);
});

Deno.test("a local end leaves the far side its grace, in which a slow reader does not count", async () => {
  const [local, remote] = [createSide(1), createSide(CHUNKS)];
  const { clock, done } = start(local, remote);
  remote.open();
  await clock.advance(10_000);
  assert.equal(local.reads, 2, "the local side has ended");
  assert.equal(remote.closed, false, "the far side still has to say something");
  local.open();
  await clock.advance(100);
  await done;
  assert.deepEqual(local.taken, all);
  assert.deepEqual(remote.taken, [1]);
});

Deno.test("a far side that has answered pings and falls silent is given up after three intervals", async () => {
  const [local, remote] = [createSide(0), createSide(0)];
  const { clock, ends, done } = start(local, remote, { pingInterval: 1_000, pongs: 1 });
  await clock.advance(2_900);
  assert.equal(remote.closed, false);
  await clock.advance(1_100);
  assert.equal(remote.closed, true);
  await done;
  assert.deepEqual(ends.map(({ reason }) => reason), ["failed"]);
});
