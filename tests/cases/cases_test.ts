/**
 * Runs every case of this folder: `deno test -A tests/cases`. Behind `--`: `--update` writes what
 * the program does into the files, to be looked through before it is committed; `--case WORDS` runs
 * those whose path holds WORDS.
 */

import assert from "node:assert/strict";
import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { exitCodeOfKind } from "../../cli/exit_codes.ts";
import type { CaseFile, CounterpartCase } from "./case_file.ts";
import { builtInRegistry, runCase } from "./run_case.ts";

const folder = fileURLToPath(new URL(".", import.meta.url));
const { values: { update = false, case: wanted = "" } } = parseArgs({
  args: Deno.args,
  options: { update: { type: "boolean" }, case: { type: "string" } },
  strict: false,
});
const registry = await builtInRegistry();
const files = caseFiles(folder).filter((file) => file.includes(String(wanted))).sort();

for (const file of files) {
  Deno.test(`case ${relative(folder, file).replaceAll("\\", "/")}`, async () => {
    const read = JSON.parse(await Deno.readTextFile(file)) as CaseFile;
    if ("counterpart" in read) return await checkCounterpart(read);
    const { expected, ...input } = read;
    const actual = JSON.parse(JSON.stringify(await runCase(input, registry)));
    if (update) {
      await Deno.writeTextFile(
        file,
        `${JSON.stringify({ ...input, expected: actual }, null, 2)}\n`,
      );
    } else {
      assert.deepEqual(actual, expected);
    }
  });
}

async function checkCounterpart({ counterpart }: CounterpartCase): Promise<void> {
  const { error, exit, shownBy } = counterpart;
  const definition = registry.errors.get(error) ?? assert.fail(`${error} is no code`);
  assert.equal(exitCodeOfKind(definition.exit), exit);
  const test = await Deno.readTextFile(new URL(`../../${shownBy}`, import.meta.url));
  assert.ok(test.includes(`"${error}"`), `${shownBy} does not show it`);
}

Deno.test("there are cases", () => assert.ok(files.length > 0));

function caseFiles(directory: string): string[] {
  return [...Deno.readDirSync(directory)].flatMap(({ name, isDirectory }) =>
    isDirectory
      ? caseFiles(`${directory}${name}/`)
      : name.endsWith(".json")
      ? [`${directory}${name}`]
      : []
  );
}
