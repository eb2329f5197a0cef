/** What `bastion doctor` does: a line for each check as it ends, then what it comes to. */

import type { CheckResult, CommandHandler } from "../../core/mod.ts";

export const run: CommandHandler = async ({ target, options }, ctx) => {
  const { out } = ctx;
  const { timeout, bundle } = options;
  const { program, checks } = await ctx.diagnose({
    configuration: ctx.configuration,
    signal: ctx.signal,
    ...(target === undefined ? {} : { target }),
    ...(typeof timeout === "number" ? { timeout } : {}),
    ...(typeof bundle === "string" ? { bundle } : {}),
    onResult: (result) => {
      for (const line of linesOf(result)) out.line(line);
    },
  });
  const failures = checks.filter(({ status }) => status === "fail");
  out.result({ ok: failures.length === 0, program, checks });
  out.line("");
  out.line(summary(checks));
  if (!checks.some(({ name }) => name === "target")) {
    out.notice("The way to a target is checked by: bastion doctor TARGET");
  }
  if (typeof bundle === "string") out.notice(`All of it, without secrets, is in ${bundle}.`);
  return failures[0] && (failures[0].exit ?? "unexpected");
};

/** Of the longest status and the longest title of the core's. */
const STATUS_WIDTH = 7;
const TITLE_WIDTH = 29;

function linesOf({ status, title, found, remedy }: CheckResult): string[] {
  const start = `${status.padEnd(STATUS_WIDTH)}  ${title.padEnd(TITLE_WIDTH)}`;
  return [
    `${start}  ${found}`,
    ...(remedy === undefined ? [] : [`${" ".repeat(STATUS_WIDTH)}  → ${remedy}`]),
  ];
}

function summary(checks: readonly CheckResult[]): string {
  const count = (wanted: CheckResult["status"]) =>
    checks.filter(({ status }) => status === wanted).length;
  const [failed, warned, skipped] = [count("fail"), count("warn"), count("skipped")];
  if (failed === 0 && warned === 0) return `Nothing is wrong (${count("ok")} checks).`;
  return `${failed} failed, ${warned} with a warning, ${skipped} skipped, ${count("ok")} ok.`;
}
