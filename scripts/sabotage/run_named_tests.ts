/** Runs single tests of one file, by their whole names, in a tree of its own. */

import { join } from "node:path";
import { unescapeXml } from "../unescape_xml.ts";

export interface NamedTestsResult {
  readonly passed: readonly string[];
  readonly failed: readonly string[];
  /** They were ended after {@linkcode LIMIT}. */
  readonly timedOut: boolean;
}

/** Several times what the slowest of them takes, in ms. */
const LIMIT = 90_000;

/** Types are not checked: a breakage need not be well typed, only wrong. */
export async function runNamedTests(
  tree: string,
  file: string,
  names: readonly string[],
): Promise<NamedTestsResult> {
  const report = join(tree, "sabotage_report.xml");
  await Deno.remove(report).catch(() => {});
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      "test",
      "-A",
      "--no-check",
      "--sanitize-ops",
      "--sanitize-resources",
      `--junit-path=${report}`,
      `--filter=/^(?:${names.map((name) => RegExp.escape(name)).join("|")})$/`,
      file,
    ],
    cwd: tree,
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).spawn();
  let timedOut = false;
  const guard = setTimeout(() => {
    timedOut = true;
    child.kill("SIGKILL");
  }, LIMIT);
  await child.status;
  clearTimeout(guard);
  const text = timedOut ? "" : await Deno.readTextFile(report).catch(() => "");
  return { ...readReport(text), timedOut };
}

/** The tests of a JUnit report by how they ended. */
export function readReport(text: string): { passed: string[]; failed: string[] } {
  const passed: string[] = [];
  const failed: string[] = [];
  const cases = text.matchAll(
    /<testcase\b[^>]*?\bname="([^"]*)"[^>]*?(?:\/>|>([\s\S]*?)<\/testcase>)/g,
  );
  for (const [, name = "", content = ""] of cases) {
    const list = /<(?:failure|error)\b/.test(content)
      ? failed
      : /<skipped\b/.test(content)
      ? undefined
      : passed;
    list?.push(unescapeXml(name));
  }
  return { passed, failed };
}
