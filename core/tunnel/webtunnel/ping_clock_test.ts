import assert from "node:assert/strict";
import { PingClock } from "./ping_clock.ts";

Deno.test("a quiet service that answers pings is given up after three intervals", () => {
  const clock = new PingClock(30, 0);
  clock.readStarted(0);
  assert.equal(clock.due(29).act, "wait");
  assert.equal(clock.due(30).act, "ping");
  clock.pongCame();
  clock.bytesCame();
  clock.readStarted(31);
  assert.equal(clock.due(60).act, "wait");
  assert.equal(clock.due(61).act, "ping");
  assert.equal(clock.due(90).act, "wait", "one ping a silence");
  assert.equal(clock.due(120).act, "wait");
  assert.equal(clock.due(121).act, "give-up");
});

Deno.test("a service that never answered a ping is not judged by it", () => {
  const clock = new PingClock(30, 0);
  clock.readStarted(0);
  assert.equal(clock.due(30).act, "ping");
  for (const now of [90, 200, 10_000]) assert.notEqual(clock.due(now).act, "give-up");
});

Deno.test("time without an outstanding read does not count: a slow local reader", () => {
  const clock = new PingClock(30, 0);
  clock.readStarted(0);
  clock.due(30);
  clock.pongCame();
  clock.bytesCame();
  // No read is begun for a long time, since the bytes cannot be handed on.
  assert.equal(clock.due(1_000).act, "wait");
  clock.readStarted(1_000);
  assert.equal(clock.due(1_029).act, "wait");
  assert.equal(clock.due(1_030).act, "ping");
});

Deno.test("a busy service is pinged once, so that it can be judged later", () => {
  const clock = new PingClock(30, 0);
  const acts: string[] = [];
  for (let now = 0; now <= 300; now += 10) {
    clock.readStarted(now);
    acts.push(clock.due(now).act);
    clock.bytesCame();
  }
  assert.deepEqual(acts.filter((act) => act === "ping").length, 1);
});

Deno.test("the next look is never due at once", () => {
  const clock = new PingClock(30, 0);
  clock.readStarted(0);
  for (let now = 0; now < 500; now += 7) {
    const { act, in: delay } = clock.due(now);
    if (act !== "give-up") assert.ok(delay >= 3, `${delay} at ${now}`);
  }
});
