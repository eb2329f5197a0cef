/**
 * The loop, in a worker: a case that never ends can be stopped from outside only. What runs at the
 * moment stands in shared memory, so that it is known although the worker says nothing any more.
 */

import { pathToFileURL } from "node:url";
import { parentPort, workerData } from "node:worker_threads";
import { projectRoot } from "../project_files.ts";
import { startCoverage } from "./coverage.ts";
import { fuzz, type FuzzReport, type FuzzRequest } from "./fuzz_loop.ts";
import { SharedInput } from "./shared_input.ts";
import { fuzzTargets } from "./targets.ts";

/** What comes back. */
export type WorkerAnswer = { readonly report: FuzzReport } | { readonly failure: string };

export interface WorkerRequest extends FuzzRequest {
  readonly target: string;
  readonly shared: SharedArrayBuffer;
}

const root = pathToFileURL(projectRoot).href;

async function work({ target: name, shared, ...request }: WorkerRequest): Promise<WorkerAnswer> {
  try {
    const target = fuzzTargets.find((one) => one.name === name);
    if (!target) throw new Error(`there is no target ${name}`);
    const coverage = await startCoverage((url) =>
      url.startsWith(root) && !url.startsWith(`${root}scripts/`)
    );
    const report = await fuzz(target, request, coverage, new SharedInput(shared));
    coverage.stop();
    return { report };
  } catch (error) {
    return { failure: error instanceof Error ? error.stack ?? error.message : String(error) };
  }
}

parentPort?.postMessage(await work(workerData));
