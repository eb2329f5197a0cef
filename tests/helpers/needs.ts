/**
 * Tests that need programs of the system:
 *
 * ```ts
 * needs("sshd", "rsync").test("rsync copies a tree", async () => { … });
 * ```
 *
 * Where a program is missing, the test is skipped, with the reason in its name. With CI=true it
 * fails: there the programs are installed, and a test that quietly stops running proves nothing.
 */

import { findProgram } from "./find_program.ts";

/** Milliseconds; a guard against hanging, far beyond what is expected. */
const TIMEOUT = Deno.env.get("BASTION_TEST_FULL") === "1" ? 30 * 60_000 : 5 * 60_000;

type TestFunction = (t: Deno.TestContext) => void | Promise<void>;

export interface NeedyTest {
  test(name: string, fn: TestFunction): void;
}

export function needs(...programs: readonly string[]): NeedyTest {
  return needing(programs.filter((name) => findProgram(name) === undefined).map((n) => `no ${n}`));
}

/** For what is no program: `present` says whether it is there, `what` names it. */
export function needsThat(present: boolean, what: string): NeedyTest {
  return needing(present ? [] : [`no ${what}`]);
}

function needing(missing: readonly string[]): NeedyTest {
  return {
    test: (name, fn) => Deno.test(planTest(name, fn, missing, Deno.env.get("CI") === "true")),
  };
}

/** What is registered for a test of which `missing` is missing. */
export function planTest(
  name: string,
  fn: TestFunction,
  missing: readonly string[],
  ci: boolean,
): Deno.TestDefinition {
  if (missing.length === 0) return { name, fn, timeout: TIMEOUT };
  const reason = missing.join(", ");
  // Whoever works here need not have every server there is; the name says what was not tried. CI
  // has them all, so that there the same test fails.
  if (!ci) return { name: `${name} (skipped: ${reason})`, ignore: true, fn };
  return {
    name,
    fn: () => {
      throw new Error(`This test cannot run here: ${reason}. See .ci/run for what it installs.`);
    },
  };
}
