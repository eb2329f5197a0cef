import assert from "node:assert/strict";
import { Gate } from "./gate.ts";

const never = new AbortController().signal;

Deno.test("a gate lets so many through, and the others in order", async () => {
  const gate = new Gate(2);
  const entered: number[] = [];
  const leave: (() => void)[] = [];
  for (let i = 0; i < 5; i++) {
    gate.enter(never).then((out) => {
      entered.push(i);
      leave.push(out);
    });
  }
  await settle();
  assert.deepEqual(entered, [0, 1]);
  leave[0]?.();
  leave[0]?.();
  await settle();
  assert.deepEqual(entered, [0, 1, 2], "leaving twice counts once");
  leave[1]?.();
  leave[2]?.();
  await settle();
  assert.deepEqual(entered, [0, 1, 2, 3, 4]);
});

Deno.test("who gives up waiting takes no place", async () => {
  const gate = new Gate(1);
  const out = await gate.enter(never);
  const impatient = new AbortController();
  const waiting = gate.enter(impatient.signal);
  const patient = gate.enter(never);
  impatient.abort(new Error("enough"));
  await assert.rejects(waiting, /enough/);
  out();
  (await patient)();
  (await gate.enter(never))();
  await assert.rejects(gate.enter(impatient.signal), /enough/);
});

async function settle(): Promise<void> {
  for (let i = 0; i < 10; i++) await Promise.resolve();
}
