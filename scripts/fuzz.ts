/**
 * Coverage-guided fuzzing: `deno task fuzz [--seconds N] [--cases N] [--target NAME] [--seed N]
 * [--save]`. Each target (scripts/fuzz/targets) gets so many cases, or so many seconds; ten seconds
 * where neither is said. The same seed makes the same cases.
 *
 * A crash, a case that does not end, or a heap that grows ends it with exit code 1; the input stands
 * in tests/fixtures/fuzz then, from where `deno task test` tries it ever after. `--save` keeps there
 * what reached new code as well.
 */

import { parseArgs } from "node:util";
import { Worker } from "node:worker_threads";
import type { FuzzReport, FuzzRequest } from "./fuzz/fuzz_loop.ts";
import { writeSeedFile } from "./fuzz/seed_files.ts";
import { SharedInput } from "./fuzz/shared_input.ts";
import type { FuzzTarget } from "./fuzz/target.ts";
import { fuzzTargets } from "./fuzz/targets.ts";
import type { WorkerAnswer, WorkerRequest } from "./fuzz/worker.ts";

/** A case takes well under a millisecond; after so many it is called a hang. */
const CASE_LIMIT = 10_000;
/** Between a tenth of the cases and the end the heap may grow by so much: kept inputs, caches. */
const MAX_GROWTH = 16 * 1024 ** 2;

async function runTarget(target: FuzzTarget, request: FuzzRequest): Promise<WorkerAnswer> {
  const shared = SharedInput.create(target.maxLength * 8);
  const now = new SharedInput(shared);
  const worker = new Worker(new URL("./fuzz/worker.ts", import.meta.url), {
    workerData: { ...request, target: target.name, shared } satisfies WorkerRequest,
  });
  const { promise, resolve } = Promise.withResolvers<WorkerAnswer>();
  worker.on("message", resolve);
  worker.on("error", (error) => resolve({ failure: String(error) }));
  let before = -1;
  const watch = setInterval(() => {
    const { input } = now;
    // Between two cases it looks at coverage, or collects garbage: that is no fault of the target's.
    if (input && now.cases === before) {
      resolve(
        writeSeedFile(target.name, "hang", input).then((file) => ({
          failure: `case ${before} has not ended within ${CASE_LIMIT / 1000} s: ${file}`,
        })),
      );
    }
    before = now.cases;
  }, CASE_LIMIT);
  const answer = await promise;
  clearInterval(watch);
  await worker.terminate();
  return answer;
}

function show(name: string, report: FuzzReport, verbose: boolean): string[] {
  const { cases, seconds, corpus, coverage, heap, outcomes, crashes } = report;
  const mebibytes = heap.map((bytes) => (bytes / 1024 ** 2).toFixed(1)).join(" → ");
  console.log(
    `${name.padEnd(17)} ${String(cases).padStart(9)} cases ${seconds.toFixed(1).padStart(6)} s ` +
      `${Math.round(cases / seconds).toString().padStart(7)}/s  corpus ${corpus}, ` +
      `${coverage} characters, ${Object.keys(outcomes).length} outcomes, heap ${mebibytes} MiB`,
  );
  if (verbose) {
    for (const [outcome, times] of Object.entries(outcomes)) {
      console.log(`  ${times} × ${outcome}`);
    }
  }
  const problems = crashes.map(({ file, problem }) => `${problem}\n  input: ${file}`);
  const growth = heap[1] - heap[0];
  if (growth > MAX_GROWTH) problems.push(`the heap grew by ${Math.round(growth / 1024)} KiB`);
  return problems;
}

const { values } = parseArgs({
  args: Deno.args,
  options: {
    seconds: { type: "string" },
    cases: { type: "string" },
    target: { type: "string" },
    seed: { type: "string" },
    save: { type: "boolean", default: false },
    verbose: { type: "boolean", default: false },
  },
});
const request: FuzzRequest = {
  cases: Number(values.cases ?? Infinity),
  seconds: Number(values.seconds ?? (values.cases === undefined ? 10 : Infinity)),
  seed: Number(values.seed ?? Math.floor(Math.random() * 2 ** 32)),
  save: values.save,
};
const wanted = fuzzTargets.filter(({ name }) =>
  values.target === undefined || values.target === name
);
if (wanted.length === 0 || [request.cases, request.seconds, request.seed].some(Number.isNaN)) {
  console.error(`targets: ${fuzzTargets.map(({ name }) => name).join(", ")}`);
  Deno.exit(2);
}
console.log(`seed ${request.seed}`);
let failed = 0;
for (const target of wanted) {
  const answer = await runTarget(target, request);
  const problems = "failure" in answer
    ? [answer.failure]
    : show(target.name, answer.report, values.verbose);
  for (const problem of problems) console.log(`FAIL ${target.name}: ${problem}`);
  failed += problems.length;
}
console.log(failed === 0 ? "nothing found" : `${failed} found`);
if (failed > 0) Deno.exit(1);
