import assert from "node:assert/strict";
import { createManualClock } from "../testing/manual_clock.ts";
import { createQuestions } from "./questions.ts";

/** Answers with how often it was asked, when told to. */
function setUp() {
  const clock = createManualClock();
  const questions = createQuestions(clock);
  const open: PromiseWithResolvers<number>[] = [];
  const signals: AbortSignal[] = [];
  const ask = (signal: AbortSignal) => {
    const answer = Promise.withResolvers<number>();
    open.push(answer);
    signals.push(signal);
    return answer.promise;
  };
  return { clock, questions, open, signals, ask };
}

Deno.test("questions: what is in flight is not asked again, and not kept unless told to", async () => {
  const { questions, open, ask } = setUp();
  const both = Promise.all([
    questions.ask("a", undefined, ask),
    questions.ask("a", undefined, ask),
  ]);
  const other = questions.ask("b", undefined, ask);
  assert.equal(open.length, 2);
  open[0]?.resolve(1);
  open[1]?.resolve(2);
  assert.deepEqual([await both, await other], [[1, 1], 2]);
  const again = questions.ask("a", undefined, ask);
  open[2]?.resolve(3);
  assert.equal(await again, 3);
});

Deno.test("questions: an answer is kept so long, a failure not at all", async () => {
  const { clock, questions, open, ask } = setUp();
  const first = questions.ask("a", undefined, ask, 1_000);
  open[0]?.resolve(1);
  await first;
  await clock.advance(999);
  assert.equal(await questions.ask("a", undefined, ask, 1_000), 1);
  await clock.advance(1);
  const second = questions.ask("a", undefined, ask, 1_000);
  open[1]?.reject(new Error("broken"));
  await assert.rejects(second, /broken/);
  const third = questions.ask("a", undefined, ask, 1_000);
  open[2]?.resolve(3);
  assert.equal(await third, 3);
});

Deno.test("questions: one who gives up leaves the others their answer; the last one ends it", async () => {
  const { questions, open, signals, ask } = setUp();
  const [one, two] = [new AbortController(), new AbortController()];
  const first = questions.ask("a", one.signal, ask);
  const second = questions.ask("a", two.signal, ask);
  one.abort(new Error("enough"));
  await assert.rejects(first, /enough/);
  assert.equal(signals[0]?.aborted, false);
  open[0]?.resolve(1);
  assert.equal(await second, 1);

  const third = questions.ask("a", two.signal, ask);
  two.abort(new Error("too much"));
  await assert.rejects(third, /too much/);
  assert.equal(signals[1]?.aborted, true);
  open[1]?.reject(new Error("nobody hears it"));
  // A new one is not handed what was given up.
  const fourth = questions.ask("a", undefined, ask);
  open[2]?.resolve(4);
  assert.equal(await fourth, 4);
  await assert.rejects(questions.ask("a", AbortSignal.abort(new Error("late")), ask), /late/);
  assert.equal(open.length, 3);
});
