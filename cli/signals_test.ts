import assert from "node:assert/strict";
import { systemClock } from "../core/clock.ts";
import { handleSignals } from "./signals.ts";

function start() {
  const said: string[] = [];
  const handlers = new Map<string, () => void>();
  let now = 0;
  const signals = handleSignals({
    clock: { ...systemClock, now: () => now },
    endSignals: ["SIGINT", "SIGTERM"],
    listen: (signal, handler) => {
      handlers.set(signal, handler);
      return () => void handlers.delete(signal);
    },
    end: (signal) => said.push(`end ${signal}`),
    leave: (signal) => said.push(`leave ${signal}`),
  });
  return {
    said,
    signals,
    handlers,
    send(signal: string, after = 1000) {
      now += after;
      handlers.get(signal)?.();
    },
  };
}

Deno.test("the first signal asks the program to end, the next ones end it at once", () => {
  const { said, send } = start();
  send("SIGTERM");
  send("SIGINT");
  send("SIGINT");
  assert.deepEqual(said, ["end SIGTERM", "leave SIGINT", "leave SIGINT"]);
});

Deno.test("a signal that a task runner repeats is one signal", () => {
  const { said, send } = start();
  send("SIGINT");
  send("SIGINT", 1);
  send("SIGTERM", 5);
  assert.deepEqual(said, ["end SIGINT"]);
  send("SIGINT");
  assert.deepEqual(said, ["end SIGINT", "leave SIGINT"]);
});

Deno.test("while a program is in front, signals are its own; the last one to come is in front", () => {
  const { said, signals, send } = start();
  const first = signals.foreground.take((signal) => said.push(`first ${signal}`));
  const second = signals.foreground.take((signal) => said.push(`second ${signal}`));
  send("SIGINT");
  second[Symbol.dispose]();
  second[Symbol.dispose]();
  send("SIGTERM");
  first[Symbol.dispose]();
  send("SIGINT");
  assert.deepEqual(said, ["second SIGINT", "first SIGTERM", "end SIGINT"]);
});

Deno.test("nothing is listened for afterwards", () => {
  const { signals, handlers } = start();
  assert.equal(handlers.size, 2);
  signals[Symbol.dispose]();
  assert.equal(handlers.size, 0);
});
