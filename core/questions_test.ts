import assert from "node:assert/strict";
import type { Prompt } from "./prompt.ts";
import { createQuestions } from "./questions.ts";
import { createManualClock } from "./testing/manual_clock.ts";

const question = { message: "?", flag: "--x" };

/** Answers when told to. */
function slowPrompt() {
  const open: { message: string; answer: (text: string) => void }[] = [];
  const input: Prompt["input"] = ({ message }) =>
    new Promise((answer) => open.push({ message, answer }));
  const never = () => Promise.reject(new Error("not asked here"));
  const prompt: Prompt = { available: true, input, select: never, password: never, confirm: never };
  return { prompt, open };
}

Deno.test("questions are put one after another, and their time is counted once", async () => {
  const clock = createManualClock();
  const { prompt, open } = slowPrompt();
  const questions = createQuestions(prompt, clock);
  assert.equal(questions.prompt.available, true);
  const first = questions.prompt.input({ ...question, message: "a" });
  const second = questions.prompt.input({ ...question, message: "b" });
  await clock.advance(5_000);
  assert.deepEqual(open.map(({ message }) => message), ["a"]);
  assert.equal(questions.asked(), 5_000);
  open[0]?.answer("1");
  assert.equal(await first, "1");
  await clock.advance(2_000);
  assert.deepEqual(open.map(({ message }) => message), ["a", "b"]);
  open[1]?.answer("2");
  assert.equal(await second, "2");
  await clock.advance(9_000);
  assert.equal(questions.asked(), 7_000);
});

Deno.test("a question that fails does not hold up the next; one given up is not put", async () => {
  const clock = createManualClock();
  const { prompt, open } = slowPrompt();
  const { prompt: asking } = createQuestions(prompt, clock);
  await assert.rejects(asking.password(question), /not asked here/);
  const first = asking.input(question);
  const given = new AbortController();
  const second = asking.input({ ...question, signal: given.signal });
  given.abort(new Error("given up"));
  await clock.advance(1);
  open[0]?.answer("x");
  assert.equal(await first, "x");
  await assert.rejects(second, /given up/);
  assert.equal(open.length, 1);
});
