/**
 * Runs the tests: `deno task test [FILES and options of deno test]`. The output is Deno's own, and
 * ends with the line `N passed, N failed, N skipped`; the exit code follows it.
 *
 * BASTION_TEST_FULL=1 (`deno task test:full`) has bulk tests move the full sizes.
 * (This file is not called `test.ts`: Deno would take it for a test, and run it within itself.)
 */

import { join } from "node:path";
import { expectedSkips } from "./expected_skips.ts";
import { projectRoot } from "./project_files.ts";
import { countsLine, countTests } from "./test_counts.ts";

/** Deno 2.9 has the sanitizers off: what a test leaves open would be found by nobody. */
const SANITIZERS = ["--sanitize-ops", "--sanitize-resources"];
/** A guard against hanging, several times what is expected; a test may set a `timeout` of its own. */
const LIMIT_MINUTES = Deno.env.get("BASTION_TEST_FULL") === "1" ? 90 : 30;

async function readReport(path: string): Promise<string | undefined> {
  try {
    return await Deno.readTextFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

const folder = await Deno.makeTempDir({ prefix: "bastion_test_" });
const report = join(folder, "junit.xml");
const child = new Deno.Command(Deno.execPath(), {
  args: ["test", "-A", ...SANITIZERS, `--junit-path=${report}`, ...Deno.args],
  cwd: projectRoot,
}).spawn();
// Who ends us means the tests; we live on until they have ended, to count them.
const signals: Deno.Signal[] = Deno.build.os === "windows" ? ["SIGINT"] : ["SIGINT", "SIGTERM"];
for (const signal of signals) Deno.addSignalListener(signal, () => child.kill(signal));
const guard = setTimeout(() => {
  console.error(`error: the tests were ended: they had been running for ${LIMIT_MINUTES} minutes`);
  child.kill("SIGKILL");
}, LIMIT_MINUTES * 60_000);
const { code } = await child.status;
clearTimeout(guard);
const counts = countTests(await readReport(report), code === 0);
await Deno.remove(folder, { recursive: true });

const surprises = Deno.env.get("CI") === "true"
  ? counts.skipped.filter((name) => !expectedSkips.includes(name))
  : [];
for (const name of surprises) console.error(`error: skipped, but not expected to be: ${name}`);
console.log(countsLine(counts));
Deno.exit(code === 0 && surprises.length > 0 ? 1 : code);
