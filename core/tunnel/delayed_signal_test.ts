import assert from "node:assert/strict";
import { createManualClock } from "../testing/manual_clock.ts";
import { delayedSignal } from "./delayed_signal.ts";

Deno.test("a delayed signal aborts so much later, for the same reason", async () => {
  const clock = createManualClock();
  const controller = new AbortController();
  using late = delayedSignal(controller.signal, 100, clock);
  await clock.advance(1_000);
  controller.abort("why");
  await clock.advance(99);
  assert.equal(late.signal.aborted, false);
  await clock.advance(1);
  assert.equal(late.signal.reason, "why");
});

Deno.test("a delayed signal that is done with aborts no more; one that is late to come does", async () => {
  const clock = createManualClock();
  const controller = new AbortController();
  const before = delayedSignal(controller.signal, 100, clock);
  before[Symbol.dispose]();
  controller.abort("why");
  const after = delayedSignal(controller.signal, 100, clock);
  await clock.advance(50);
  after[Symbol.dispose]();
  using kept = delayedSignal(controller.signal, 100, clock);
  await clock.advance(1_000);
  assert.deepEqual([before, after, kept].map(({ signal }) => signal.aborted), [false, false, true]);
});
