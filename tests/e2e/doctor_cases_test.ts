/** Each thing that `bastion doctor` looks at is broken once, and is named by it; nothing stops it. */

import assert from "node:assert/strict";
import { CHECKS } from "../helpers/doctor.ts";
import { credentialCases } from "./doctor/credential_cases.ts";
import { testDoctor } from "./doctor/doctor_case.ts";
import { hostCases } from "./doctor/host_cases.ts";
import { networkCases } from "./doctor/network_cases.ts";
import { targetCases } from "./doctor/target_cases.ts";

const cases = [...networkCases, ...credentialCases, ...targetCases];

/** It tells what runs: nothing can be wrong with that. */
const UNBREAKABLE = ["program"];

/** What the checks throw of their own, in a test of another place. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  "usage": "no time for any check (doctor_test.ts)",
  "file-failed": "a bundle's file that is there already (doctor_test.ts)",
  "check-timeout": "a Resource Manager that never answers (doctor_test.ts)",
  "plugin-failed": "core/doctor/plugin_checks_test.ts",
  "plugin-check": "core/doctor/plugin_checks_test.ts",
};

for (const one of cases) testDoctor(one, CHECKS.target);
for (const one of hostCases) testDoctor(one, CHECKS.host);

Deno.test("every check of doctor's has a case in which it is what is wrong", () => {
  const broken = new Set(cases.map(({ check }) => check));
  const all: readonly string[] = CHECKS.target;
  assert.deepEqual(all.filter((name) => !broken.has(name)), UNBREAKABLE);
});

Deno.test("every failure that doctor has a code for has a case", async () => {
  const folder = new URL("../../core/doctor/", import.meta.url);
  const thrown = new Set<string>();
  for await (const { name } of Deno.readDir(folder)) {
    if (name.endsWith("_test.ts")) continue;
    const text = await Deno.readTextFile(new URL(name, folder));
    for (const [, code = ""] of text.matchAll(/[bB]astionError\(\s*"([a-z-]+)"/g)) {
      thrown.add(code);
    }
  }
  const met = new Set([...cases.map(({ code }) => code), ...Object.keys(ELSEWHERE)]);
  assert.ok(thrown.size > 8, "the source is no longer read as it is written");
  assert.deepEqual([...thrown].filter((code) => !met.has(code)), []);
});
