import assert from "node:assert/strict";
import { bastionError } from "../errors.ts";
import { createManualClock } from "../testing/manual_clock.ts";
import type { CheckResult } from "./check.ts";
import { createPlan, type Finding } from "./plan.ts";

const never = () => new Promise<never>(() => {});
const ok = <Value>(value: Value): Finding<Value> => ({ found: "well", value });

function setUp(signal = new AbortController().signal) {
  const clock = createManualClock();
  const plan = createPlan({ clock, timeout: 1_000, signal });
  const seen: string[] = [];
  const results = () => plan.results(({ name }) => void seen.push(name));
  return { clock, plan, seen, results };
}

const brief = (results: readonly CheckResult[]) =>
  results.map(({ name, status }) => `${name} ${status}`);

Deno.test("what needs a failed check is skipped, and names the failure; all others run", async () => {
  const { plan, results } = setUp();
  const a = plan.add({ name: "a", title: "A", run: () => ok(1) });
  const b = plan.add({
    name: "b",
    title: "B",
    needs: [a],
    run: () => {
      throw bastionError("subscription-none", {});
    },
  });
  const c = plan.add({ name: "c", title: "C", needs: [b], run: () => ok(2) });
  plan.add({ name: "d", title: "D", needs: [c, a], run: () => ok(3) });
  plan.add({ name: "e", title: "E", needs: [a], after: [c], run: () => ok(a.value() + 1) });
  const found = await results();
  assert.deepEqual(brief(found), ["a ok", "b fail", "c skipped", "d skipped", "e ok"]);
  assert.deepEqual(found[1]?.code, "subscription-none");
  assert.deepEqual(found[1]?.exit, "forbidden");
  assert.match(found[1]?.remedy ?? "", /Reader/);
  assert.deepEqual(found[3]?.because, ["b"], "the cause, not what it has brought about");
  assert.equal(c.peek(), undefined);
  assert.throws(() => c.value(), TypeError);
});

Deno.test("a warning has a value, and what is skipped by itself has none", async () => {
  const { plan, results } = setUp();
  const a = plan.add({
    name: "a",
    title: "A",
    run: () => ({ status: "warn", found: "hm", remedy: "do it", value: 7 }),
  });
  const b = plan.add({ name: "b", title: "B", run: () => ({ skipped: "nothing to see" }) });
  plan.add({ name: "c", title: "C", needs: [a], run: () => ok(a.value()) });
  plan.add({ name: "d", title: "D", needs: [b], run: () => ok(0) });
  const found = await results();
  assert.deepEqual(brief(found), ["a warn", "b skipped", "c ok", "d skipped"]);
  assert.equal(found[0]?.remedy, "do it");
  assert.equal(found[1]?.found, "nothing to see");
});

Deno.test("results come in the order of the plan, each as soon as those before it are known", async () => {
  const { plan, seen, results } = setUp();
  const gate = Promise.withResolvers<void>();
  plan.add({ name: "a", title: "A", run: () => ok(0) });
  plan.add({ name: "b", title: "B", run: () => gate.promise.then(() => ok(0)) });
  plan.add({ name: "c", title: "C", run: () => ok(0) });
  const all = results();
  await new Promise((resolve) => setTimeout(resolve, 0));
  assert.deepEqual(seen, ["a"]);
  gate.resolve();
  await all;
  assert.deepEqual(seen, ["a", "b", "c"]);
});

Deno.test("a check that hangs fails when its time is up, and its signal is aborted", async () => {
  const { clock, plan, results } = setUp();
  let aborted = false;
  plan.add({
    name: "a",
    title: "A",
    run(signal) {
      signal.addEventListener("abort", () => aborted = true);
      return never();
    },
  });
  plan.add({ name: "b", title: "B", run: () => ok(0) });
  const all = results();
  await clock.advance(1_000);
  const found = await all;
  assert.deepEqual(brief(found), ["a fail", "b ok"]);
  assert.equal(found[0]?.code, "check-timeout");
  assert.match(found[0]?.found ?? "", /within 1 s/);
  assert.equal(found[0]?.ms, 1_000);
  assert.ok(aborted);
  assert.equal(clock.pending, 0);
});

Deno.test("whoever interrupts gets his own reason, and no more results", async () => {
  const controller = new AbortController();
  const { clock, plan, seen, results } = setUp(controller.signal);
  plan.add({ name: "a", title: "A", run: () => ok(0) });
  plan.add({ name: "b", title: "B", run: never });
  plan.add({ name: "c", title: "C", run: () => ok(0) });
  const all = results();
  await new Promise((resolve) => setTimeout(resolve, 0));
  const reason = new Error("enough");
  controller.abort(reason);
  await assert.rejects(all, reason);
  assert.deepEqual(seen, ["a"]);
  assert.equal(clock.pending, 0);
});

Deno.test("control characters in what was found do not reach the terminal", async () => {
  const { plan, results } = setUp();
  plan.add({ name: "a", title: "A", run: () => ({ found: "\u001b[2Jx", value: 0 }) });
  assert.equal((await results())[0]?.found, "\\u001b[2Jx");
});

Deno.test("where nobody takes the results any more, no check goes on", async () => {
  const { clock, plan } = setUp();
  plan.add({ name: "a", title: "A", run: () => ok(0) });
  plan.add({ name: "b", title: "B", run: never });
  const gone = new Error("gone");
  await assert.rejects(
    plan.results(() => {
      throw gone;
    }),
    gone,
  );
  assert.equal(clock.pending, 0);
});
