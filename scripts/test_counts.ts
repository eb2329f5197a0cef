/** How many tests passed, failed and were skipped, from the JUnit report of `deno test`. Pure. */

import { unescapeXml } from "./unescape_xml.ts";

export interface TestCounts {
  readonly passed: number;
  readonly failed: number;
  /** Names of those that did not run. */
  readonly skipped: readonly string[];
}

/**
 * @param report the report, or undefined where there is none (a file that does not load)
 * @param succeeded whether the run ended with exit code 0; a failed run never counts no failure
 */
export function countTests(report: string | undefined, succeeded: boolean): TestCounts {
  let passed = 0;
  let failed = 0;
  const skipped: string[] = [];
  for (
    const match of (report ?? "").matchAll(/<testcase\b([^>]*?)(?:\/>|>([\s\S]*?)<\/testcase>)/g)
  ) {
    const [, attributes = "", content = ""] = match;
    if (/<skipped\b/.test(content)) {
      skipped.push(unescapeXml(/\bname="([^"]*)"/.exec(attributes)?.[1] ?? ""));
    } else if (/<(?:failure|error)\b/.test(content)) failed++;
    else passed++;
  }
  return { passed, failed: succeeded || failed > 0 ? failed : 1, skipped };
}

/** The line with which every test run of ours ends. */
export function countsLine({ passed, failed, skipped }: TestCounts): string {
  return `${passed} passed, ${failed} failed, ${skipped.length} skipped`;
}

/** Whether `line` is one that {@linkcode countsLine} made. */
export function isCountsLine(line: string): boolean {
  return /^\d+ passed, \d+ failed, \d+ skipped$/.test(line);
}
