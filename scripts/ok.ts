/**
 * The gate: `deno task ok`. Every step runs, whatever the others say, so that one run shows all
 * that is wrong; the last line of output is that of the tests, `N passed, N failed, N skipped`.
 *
 * `--test-command CMD`: a shell's command to run as the last step in place of `deno task test`.
 */

import { parseArgs } from "node:util";
import { projectRoot } from "./project_files.ts";
import { isCountsLine } from "./test_counts.ts";

interface Step {
  readonly name: string;
  readonly args: readonly string[];
  /** What to do where it fails. */
  readonly remedy: string;
}

const STEPS: readonly Step[] = [
  { name: "format", args: ["fmt", "--check"], remedy: "run: deno fmt" },
  { name: "lint", args: ["lint", "--quiet"], remedy: "see above" },
  { name: "types", args: ["check", "--quiet"], remedy: "see above" },
  { name: "import law", args: ["run", "-A", "scripts/check_imports.ts"], remedy: "see above" },
  {
    name: "exported surface",
    args: ["run", "-A", "scripts/check_surface.ts"],
    remedy: "if it is meant, run: deno task docs",
  },
  {
    name: "reference in step",
    args: ["run", "-A", "scripts/generate_reference.ts", "--check"],
    remedy: "run: deno task docs",
  },
];

async function runStep({ name, args }: Step): Promise<boolean> {
  const started = performance.now();
  const command = new Deno.Command(Deno.execPath(), { args: [...args], cwd: projectRoot });
  const { success } = await command.spawn().status;
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(`${success ? "ok  " : "FAIL"}  ${name} (${seconds} s)`);
  return success;
}

/** Runs the tests and shows their output, but for the line of counts, which it returns. */
async function runTests(shellCommand: string | undefined): Promise<[boolean, string]> {
  const [program, ...args] = shellCommand === undefined
    ? [Deno.execPath(), "run", "-A", "scripts/run_tests.ts"]
    : Deno.build.os === "windows"
    ? ["cmd", "/d", "/c", shellCommand]
    : ["sh", "-c", shellCommand];
  const child = new Deno.Command(program, { args, cwd: projectRoot, stdout: "piped" }).spawn();
  let counts = "0 passed, 1 failed, 0 skipped";
  let rest = "";
  const show = (line: string) => {
    if (isCountsLine(line)) counts = line;
    else console.log(line);
  };
  for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) show(line);
  }
  if (rest !== "") show(rest);
  return [(await child.status).success, counts];
}

const { values } = parseArgs({ args: Deno.args, options: { "test-command": { type: "string" } } });
const failed: string[] = [];
for (const step of STEPS) {
  if (!await runStep(step)) failed.push(`${step.name} (${step.remedy})`);
}
const [passed, counts] = await runTests(values["test-command"]);
if (!passed) failed.push("tests");
console.log(failed.length === 0 ? "ok: every step" : `not ok: ${failed.join(", ")}`);
console.log(counts);
if (failed.length > 0) Deno.exit(1);
