/** How a failure is shown: to people, and to programs. */

import { describeError, messageOf } from "../core/errors.ts";
import { exitCodeOfKind } from "./exit_codes.ts";
import { plainText } from "./plain_text.ts";
import type { Style } from "./style.ts";

export interface RenderOptions {
  /** Show what caused it, too. */
  readonly verbose: boolean;
  /** Show the stacks, too. */
  readonly debug: boolean;
  readonly style: Style;
  /** What it is about, as `connection 3 failed`. */
  readonly prefix?: string | undefined;
}

/** A chain of causes longer than this helps nobody. */
const MAX_CAUSES = 8;

/** Lines for people, without secrets and ready to be written, the last one's end included. */
export function renderError(error: unknown, options: RenderOptions): string {
  const { verbose, debug, style, prefix } = options;
  const { message, hint } = describeError(error);
  const lines = [
    `${style.failure("bastion:")} ${plainText(prefix ? `${prefix}: ${message}` : message)}`,
    ...(hint === "" ? [] : [`  ${plainText(hint)}`]),
  ];
  if (verbose || debug) {
    for (const cause of causesOf(error)) lines.push(`  caused by: ${plainText(messageOf(cause))}`);
  }
  if (debug) {
    for (const one of [error, ...causesOf(error)]) {
      if (!(one instanceof Error) || one.stack === undefined) continue;
      lines.push(...plainText(one.stack).split("\n").map((line) => `  ${line}`));
    }
  }
  return `${lines.join("\n")}\n`;
}

/** The fields of the `error` event with which a program ends. */
export function errorFields(error: unknown, exitCode?: number) {
  const { code, message, hint, exit } = describeError(error);
  return { code, message, hint, exitCode: exitCode ?? exitCodeOfKind(exit) };
}

function causesOf(error: unknown): unknown[] {
  const causes: unknown[] = [];
  for (let at = error; at instanceof Error && causes.length < MAX_CAUSES;) {
    at = at.cause;
    if (at === undefined || at === null || at === error || causes.includes(at)) break;
    causes.push(at);
  }
  return causes;
}
