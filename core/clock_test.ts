import assert from "node:assert/strict";
import { systemClock } from "./clock.ts";

Deno.test("systemClock: now is monotonic, date is the wall's", () => {
  const before = systemClock.now();
  assert.ok(systemClock.now() >= before);
  assert.ok(Math.abs(systemClock.date().getTime() - Date.now()) < 1_000);
});

Deno.test("systemClock.after: runs once, unless cancelled", async () => {
  let cancelled = 0;
  const cancel = systemClock.after(0, () => cancelled++);
  cancel();
  await new Promise<void>((resolve) => systemClock.after(1, resolve));
  assert.equal(cancelled, 0);
});

Deno.test("systemClock: what is longer than a timer can be does not come at once", async () => {
  let early = 0;
  const cancel = systemClock.after(2 ** 31, () => early++);
  const stop = new AbortController();
  const sleeping = systemClock.sleep(Infinity, stop.signal).then(() => early++, () => {});
  await systemClock.sleep(5);
  assert.equal(early, 0);
  cancel();
  stop.abort();
  await sleeping;
});

Deno.test("systemClock.sleep: ends with the signal's reason, before and while it sleeps", async () => {
  const reason = new Error("enough");
  await assert.rejects(systemClock.sleep(60_000, AbortSignal.abort(reason)), reason);
  const stop = new AbortController();
  const sleeping = systemClock.sleep(60_000, stop.signal);
  stop.abort(reason);
  await assert.rejects(sleeping, reason);
  await systemClock.sleep(0, new AbortController().signal);
});
