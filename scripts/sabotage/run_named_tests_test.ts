import assert from "node:assert/strict";
import { readReport } from "./run_named_tests.ts";

Deno.test("a report's tests by how they ended", () => {
  const report = `<testsuite name="./a_test.ts">
    <testcase name="it &quot;holds&quot;" classname="./a_test.ts" time="0.1"/>
    <testcase name="it breaks" classname="./a_test.ts"><failure message="x">y</failure></testcase>
    <testcase name="not here" classname="./a_test.ts"><skipped/></testcase>
  </testsuite>`;
  assert.deepEqual(readReport(report), { passed: ['it "holds"'], failed: ["it breaks"] });
});
