/** How a failure is shown: to people, and to programs. */

import { BastionError, messageOf } from "../core/errors.ts";
import type { ErrorDescription } from "../core/plugin/plugin.ts";
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

/** Code, message, hint and kind of whatever was thrown; what has no code is a defect of ours. */
export function describeFailure(error: unknown): ErrorDescription {
  if (error instanceof BastionError) {
    const { code, message, hint, exit } = error;
    return { code, message, hint, exit };
  }
  if (isDescription(error)) return error;
  return {
    code: "unexpected",
    message: `Something unexpected happened: ${messageOf(error)}`,
    hint: "This is a defect of bastion's. Run it again with --debug and report what it prints.",
    exit: "unexpected",
  };
}

/** Lines for people, without secrets and ready to be written, the last one's end included. */
export function renderError(error: unknown, options: RenderOptions): string {
  const { verbose, debug, style, prefix } = options;
  const { message, hint } = describeFailure(error);
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
  const { code, message, hint, exit } = describeFailure(error);
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

/** Handlers pass on what events carried, which was described already. */
function isDescription(value: unknown): value is ErrorDescription {
  return typeof value === "object" && value !== null && !(value instanceof Error) &&
    ["code", "message", "hint", "exit"].every((key) =>
      typeof (value as Record<string, unknown>)[key] === "string"
    );
}
