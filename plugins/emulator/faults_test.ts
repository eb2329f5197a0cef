import assert from "node:assert/strict";
import { faultListSchema } from "./fault_schema.ts";
import { createFaults } from "./faults.ts";
import { createStats } from "./stats.ts";

function faultsOf(list: unknown[], seed?: number) {
  const stats = createStats();
  const faults = createFaults(stats);
  const parsed = faultListSchema.parse({ faults: list, ...(seed === undefined ? {} : { seed }) });
  faults.replace(parsed.faults, parsed.seed);
  return { faults, stats };
}

Deno.test("a fault strikes only at its place, host and connection", () => {
  const { faults, stats } = faultsOf([
    { at: "token", host: "hub", connection: [2, 4], kind: "status", status: 429 },
  ]);
  const kinds = (at: "token" | "delete", host: string) =>
    Array.from({ length: 4 }, () => faults.strike(at, host).fault?.kind);
  assert.deepEqual(kinds("delete", "hub"), [undefined, undefined, undefined, undefined]);
  assert.deepEqual(kinds("token", "other"), [undefined, undefined, undefined, undefined]);
  assert.deepEqual(kinds("token", "hub"), [undefined, "status", undefined, "status"]);
  assert.equal(stats.faultsStruck, 2);
});

Deno.test("latencies add up and leave room for one other fault", () => {
  const { faults } = faultsOf([
    { at: "upgrade", kind: "latency", ms: 20 },
    { at: "upgrade", kind: "rst" },
    { at: "upgrade", kind: "latency", ms: 5 },
    { at: "upgrade", kind: "fin" },
  ]);
  const { latency, fault } = faults.strike("upgrade", "hub");
  assert.equal(latency, 25);
  assert.equal(fault?.kind, "rst");
});

Deno.test("a new list counts from one again", () => {
  const { faults } = faultsOf([{ at: "arm", connection: 1, kind: "silence" }]);
  assert.equal(faults.strike("arm").fault?.kind, "silence");
  assert.equal(faults.strike("arm").fault, undefined);
  faults.replace(faultListSchema.parse([{ at: "arm", connection: 1, kind: "fin" }]).faults);
  assert.equal(faults.strike("arm").fault?.kind, "fin");
  faults.replace([]);
  assert.equal(faults.strike("arm").fault, undefined);
});

Deno.test("a seed makes chance repeatable, and chance is about what was asked for", () => {
  const run = (seed: number) => {
    const { faults } = faultsOf([{ at: "token", probability: 0.25, kind: "fin" }], seed);
    return Array.from({ length: 1000 }, () => faults.strike("token").fault !== undefined);
  };
  assert.deepEqual(run(7), run(7));
  assert.notDeepEqual(run(7), run(8));
  const struck = run(7).filter(Boolean).length;
  assert.ok(struck > 180 && struck < 320, `${struck} of 1000`);
});
