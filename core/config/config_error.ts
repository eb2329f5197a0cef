import { type BastionError, bastionError } from "../errors.ts";
import { printable } from "../secret.ts";
import type { Place } from "./config_node.ts";

/** What is wrong at one place of a config file; `problem` is a sentence without its full stop. */
export interface ConfigProblem extends Place {
  readonly problem: string;
  readonly remedy: string;
}

export function configError(
  file: string,
  { line, column, problem, remedy }: ConfigProblem,
  cause?: unknown,
): BastionError {
  const shown = { problem: printable(problem), remedy: printable(remedy) };
  return bastionError("config-invalid", { file, line, column, ...shown }, cause);
}
