/**
 * Shows that the tests notice: `deno task sabotage [WORDS of a breakage's name]`. In a copy of the
 * tree it breaks one thing at a time and demands that the test that is named for it fails, and that
 * it passes without the breakage. Run it before an issue is closed.
 *
 * A breakage that goes unnoticed, or whose text is no longer found, ends it with exit code 1.
 */

import { join } from "node:path";
import { projectRoot } from "./project_files.ts";
import type { Breakage } from "./sabotage/breakage.ts";
import { copyTree } from "./sabotage/copy_tree.ts";
import { otherBreakages } from "./sabotage/other_breakages.ts";
import { runNamedTests } from "./sabotage/run_named_tests.ts";
import { tunnelBreakages } from "./sabotage/tunnel_breakages.ts";

const breakages = [...tunnelBreakages, ...otherBreakages];

/** Undefined where the named test noticed; else what is wrong. */
async function problemOf({ file, find, replace, test }: Breakage, tree: string) {
  const path = join(tree, file);
  const source = await Deno.readTextFile(path);
  const places = source.split(find).length - 1;
  if (places !== 1) return `its text is there ${places} times in ${file}`;
  try {
    await Deno.writeTextFile(path, source.replace(find, () => replace));
    const { failed, timedOut } = await runNamedTests(tree, test.file, [test.name]);
    // A test that hangs has noticed too.
    if (failed.includes(test.name) || timedOut) return undefined;
    return `UNNOTICED by "${test.name}" in ${test.file}`;
  } finally {
    await Deno.writeTextFile(path, source);
  }
}

/** Names of tests that do not exist or do not pass in the tree as it is. */
async function checkBaseline(wanted: readonly Breakage[], tree: string): Promise<string[]> {
  const problems: string[] = [];
  for (const file of new Set(wanted.map(({ test }) => test.file))) {
    const names = [
      ...new Set(wanted.filter(({ test }) => test.file === file).map((one) => one.test.name)),
    ];
    const { passed } = await runNamedTests(tree, file, names);
    for (const name of names) {
      if (!passed.includes(name)) problems.push(`"${name}" in ${file} does not pass as it is`);
    }
  }
  return problems;
}

const words = Deno.args.join(" ").toLowerCase();
const wanted = breakages.filter(({ name }) => name.toLowerCase().includes(words));
const tree = await Deno.makeTempDir({ prefix: "bastion_sabotage_" });
const problems: string[] = [];
try {
  await copyTree(projectRoot, tree);
  problems.push(...await checkBaseline(wanted, tree));
  for (const problem of problems) console.log(`FAIL  ${problem}`);
  for (const breakage of wanted) {
    const started = performance.now();
    const problem = await problemOf(breakage, tree);
    const seconds = ((performance.now() - started) / 1000).toFixed(1).padStart(5);
    console.log(
      `${problem ? "FAIL" : "ok  "} ${seconds} s  ${breakage.name} (else: ${breakage.why})`,
    );
    if (!problem) continue;
    console.log(`      ${problem}`);
    problems.push(`${breakage.name}: ${problem}`);
  }
} finally {
  await Deno.remove(tree, { recursive: true });
}
console.log(`${wanted.length} breakages, ${problems.length} problems`);
if (problems.length > 0 || wanted.length === 0) Deno.exit(1);
