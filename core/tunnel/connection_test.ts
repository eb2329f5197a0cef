import assert from "node:assert/strict";
import { fakeTarget } from "../../tests/helpers/fake_target.ts";
import type { Clock } from "../clock.ts";
import { bastionError } from "../errors.ts";
import { createLogger } from "../logger.ts";
import { Secret } from "../secret.ts";
import { createManualClock } from "../testing/manual_clock.ts";
import { BufferPool } from "./buffer_pool.ts";
import { type ConnectionEnd, runConnection } from "./connection.ts";
import { Turns } from "../net/turns.ts";
import { Gate } from "./gate.ts";
import type { Session } from "./session.ts";
import type { Channel } from "./transport.ts";

const target = fakeTarget();

/** A local program that says `hello` (or nothing) and then stays until its socket is closed. */
function createProgram(hello: string) {
  const closed = Promise.withResolvers<null>();
  let said = hello === "";
  return {
    read(into: Uint8Array): Promise<number | null> {
      if (said) return closed.promise;
      said = true;
      return Promise.resolve(new TextEncoder().encodeInto(hello, into).written);
    },
    write: (bytes: Uint8Array) => Promise.resolve(bytes.length),
    closeWrite: () => Promise.resolve(closed.resolve(null)),
    close: () => closed.resolve(null),
  };
}

/** What no test here looks at. */
function basics(clock: Clock) {
  return {
    target,
    dial: () => Promise.reject(new Error("nothing is dialled")),
    clock,
    log: createLogger("test", () => {}),
    gate: new Gate(1),
    turns: new Turns(),
    buffers: new BufferPool(1024),
    frameSize: 4096,
    pingInterval: 0,
    halfCloseGrace: 100,
    getToken: () => Promise.resolve({ token: new Secret("t"), expiresOn: Infinity }),
    onOpened() {},
  };
}

/** Runs one connection whose every attempt's channel comes from `connect`. */
async function run(hello: string, connect: (attempt: number) => Channel) {
  const clock = createManualClock();
  const ends: ConnectionEnd[] = [];
  const sessions = { opened: 0, closed: 0 };
  const deferred: Promise<void>[] = [];
  const done = runConnection({
    ...basics(clock),
    local: createProgram(hello),
    transport: {
      name: "fake",
      connect: async ({ path }) => {
        const attempt = sessions.opened;
        await path;
        return connect(attempt);
      },
    },
    signal: new AbortController().signal,
    openSession: () => {
      sessions.opened++;
      return Promise.resolve({
        endpoint: "hub.example",
        path: new Secret("/p"),
        close: () => {
          sessions.closed++;
          return Promise.resolve();
        },
      });
    },
    onEnded: (end) => ends.push(end),
    defer: (work) => deferred.push(work),
  });
  let ended = false;
  const settled = done.then(() => ended = true);
  for (let i = 0; i < 100 && !ended; i++) await clock.advance(1_000);
  await settled;
  await Promise.all(deferred);
  return { ends, sessions };
}

/** A far side that hangs up with a reset once it has got something, or at once. */
function createChannel(cut: "at once" | "after a byte"): Channel {
  const end = Promise.withResolvers<null>();
  const hangUp = () => end.reject(bastionError("peer-cut", { how: "by a reset" }));
  if (cut === "at once") hangUp();
  return {
    read: () => end.promise,
    write: () => Promise.resolve(hangUp()),
    ping() {},
    lastByteAt: 0,
    pongs: 0,
    close: () => Promise.resolve(end.resolve(null)),
  };
}

Deno.test("a channel that dies before a byte was sent is replaced, three times at most", async () => {
  const { ends, sessions } = await run("", () => createChannel("at once"));
  assert.deepEqual(sessions, { opened: 3, closed: 3 });
  assert.equal(ends.length, 1);
});

Deno.test("once a byte has been sent nothing is tried again: it might be sent twice", async () => {
  const { ends, sessions } = await run("hello", () => createChannel("after a byte"));
  assert.deepEqual(sessions, { opened: 1, closed: 1 });
  assert.equal(ends.length, 1);
  assert.equal(ends[0]?.end.reason, "failed");
  assert.equal(ends[0]?.bytesUp, 5);
});

Deno.test("a session whose channel cannot be opened is closed, whatever the reason", async () => {
  const { ends, sessions } = await run("hello", () => {
    throw bastionError("upgrade-forbidden", { detail: "" });
  });
  assert.deepEqual(sessions, { opened: 1, closed: 1 });
  assert.equal(ends[0]?.opened, false);
});

for (const who of ["the program", "the tunnel"] as const) {
  Deno.test(`a session that ${who} no longer waits for is closed when its answer comes`, async () => {
    const stop = new AbortController();
    const asked = Promise.withResolvers<void>();
    const answer = Promise.withResolvers<Session>();
    const vanished = Promise.withResolvers<never>();
    const deferred: Promise<void>[] = [];
    const clock = createManualClock();
    let request: AbortSignal | undefined;
    let closed = 0;
    const done = runConnection({
      ...basics(clock),
      local: { ...createProgram(""), read: () => vanished.promise },
      transport: {
        name: "fake",
        connect: ({ signal }) =>
          new Promise((_, reject) =>
            signal.addEventListener("abort", () => reject(signal.reason), { once: true })
          ),
      },
      signal: stop.signal,
      openSession: (_token, signal) => {
        request = signal;
        asked.resolve();
        return answer.promise;
      },
      onEnded() {},
      defer: (work) => deferred.push(work),
    });
    await asked.promise;
    if (who === "the tunnel") stop.abort();
    vanished.reject(new Error("connection reset"));
    await done;
    assert.equal(deferred.length, 1);
    assert.equal(request?.aborted, false, "the request goes on");
    await clock.advance(3_000);
    assert.equal(request.aborted, who === "the tunnel", "but holds up no end");
    answer.resolve({
      endpoint: "hub.example",
      path: new Secret("/p"),
      close: () => Promise.resolve(void closed++),
    });
    await Promise.all(deferred);
    assert.equal(closed, 1);
  });
}
