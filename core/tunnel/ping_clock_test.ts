import assert from "node:assert/strict";
import { PingClock } from "./ping_clock.ts";

Deno.test("a quiet service that answers pings is given up after three intervals", () => {
  const clock = new PingClock(30, 0);
  assert.equal(clock.due(29, 0, false).act, "wait");
  assert.equal(clock.due(30, 0, false).act, "ping");
  // The pong comes at 31, and then nothing more.
  assert.equal(clock.due(60, 31, true).act, "wait");
  assert.equal(clock.due(61, 31, true).act, "ping");
  assert.equal(clock.due(90, 31, true).act, "wait", "one ping a silence");
  assert.equal(clock.due(120, 31, true).act, "wait");
  assert.equal(clock.due(121, 31, true).act, "give-up");
});

Deno.test("a service that never answered a ping is not judged by it", () => {
  const clock = new PingClock(30, 0);
  assert.equal(clock.due(30, 0, false).act, "ping");
  for (const now of [90, 200, 10_000]) assert.equal(clock.due(now, 0, false).act, "wait");
});

Deno.test("time without an outstanding read does not count: a slow local reader", () => {
  const clock = new PingClock(30, 0);
  clock.due(30, 0, false);
  // No read is begun for a long time, since the bytes cannot be handed on.
  assert.equal(clock.due(1_000, undefined, true).act, "wait");
  assert.equal(clock.due(1_029, 1_000, true).act, "wait");
  assert.equal(clock.due(1_030, 1_000, true).act, "ping");
});

Deno.test("a busy service is pinged once, so that it can be judged later", () => {
  const clock = new PingClock(30, 0);
  const acts: string[] = [];
  for (let now = 0; now <= 300; now += 10) acts.push(clock.due(now, now - 1, false).act);
  assert.equal(acts.filter((act) => act === "ping").length, 1);
});

Deno.test("the next look is never due at once", () => {
  const clock = new PingClock(30, 0);
  for (let now = 0; now < 500; now += 7) {
    const { act, in: delay } = clock.due(now, 0, true);
    if (act !== "give-up") assert.ok(delay >= 3, `${delay} at ${now}`);
  }
});
