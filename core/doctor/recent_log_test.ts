import assert from "node:assert/strict";
import type { LogRecord } from "../logger.ts";
import { createRecentLog } from "./recent_log.ts";

Deno.test("every record is passed on, and the last ones are kept, in order", () => {
  const passed: LogRecord[] = [];
  const log = createRecentLog((record) => void passed.push(record));
  const record = (message: string): LogRecord => ({
    time: new Date(0),
    level: "debug",
    scope: "test",
    message,
    fields: {},
  });
  for (let i = 0; i < 1_200; i++) log.sink(record(`${i}`));
  assert.equal(passed.length, 1_200);
  const kept = log.records().map(({ message }) => Number(message));
  assert.deepEqual(kept, Array.from({ length: 500 }, (_, i) => 700 + i));
});
