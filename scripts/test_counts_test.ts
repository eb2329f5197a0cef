import assert from "node:assert/strict";
import { countsLine, countTests, isCountsLine } from "./test_counts.ts";

const report = `<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="deno test" tests="4" failures="1" errors="1" time="0.006">
  <testsuite name="./a_test.ts" tests="4" disabled="1" errors="0" failures="1">
    <testcase name="a passes" classname="./a_test.ts" time="0.001" line="1" col="6">
    </testcase>
    <testcase name="b (needs &lt;rsync&gt; &amp; co)" classname="./a_test.ts">
      <skipped/>
    </testcase>
    <testcase name="c fails" classname="./a_test.ts">
      <failure message="&lt;skipped/&gt;">Error: 1 passed, 0 failed</failure>
    </testcase>
    <testcase name="d cancelled"><error message="Cancelled"/></testcase>
    <testcase name="e passes"/>
  </testsuite>
</testsuites>`;

Deno.test("countTests: each case once, by what its element holds", () => {
  const counts = countTests(report, false);
  assert.deepEqual(counts, { passed: 2, failed: 2, skipped: ["b (needs <rsync> & co)"] });
  assert.equal(countsLine(counts), "2 passed, 2 failed, 1 skipped");
});

Deno.test("countTests: a run that failed without a failed case counts one", () => {
  assert.deepEqual(countTests(undefined, false), { passed: 0, failed: 1, skipped: [] });
  assert.equal(countTests('<testcase name="a"/>', false).failed, 1);
  assert.equal(countTests('<testcase name="a"/>', true).failed, 0);
});

Deno.test("isCountsLine: the line, alone", () => {
  assert.ok(isCountsLine("2 passed, 2 failed, 1 skipped"));
  for (
    const other of [
      "ok | 2 passed | 2 failed",
      " 2 passed, 2 failed, 1 skipped",
      "2 passed, 2 failed",
    ]
  ) {
    assert.ok(!isCountsLine(other), other);
  }
});
