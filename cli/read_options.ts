/** What every option comes to: the command line first, then the environment, then the default. */

import type { Option, OptionValue, OptionValues } from "../core/plugin/plugin.ts";
import { readOptionValue } from "./option_value.ts";
import { usageError } from "./usage_error.ts";

export interface OptionSources {
  /** What the user wrote, by the option's name; `true` for a switch. */
  readonly given: ReadonlyMap<string, string | true>;
  readonly env: (name: string) => string | undefined;
  /** Absolute. */
  readonly cwd: string;
  /** What an option of type `choice` may take. */
  readonly choicesOf: (option: Option) => readonly string[];
}

/** @throws BastionError `usage`, naming the option or the variable */
export function readOptions(options: readonly Option[], sources: OptionSources): OptionValues {
  const values: Record<string, OptionValue> = {};
  for (const option of options) {
    const value = readOption(option, sources);
    if (value !== undefined) values[option.name] = value;
  }
  return values;
}

/** The variable that is read where the option is not given. */
export function variableOf({ name, env }: Option): string | undefined {
  if (env === false) return undefined;
  return env ?? `BASTION_${name.toUpperCase().replaceAll("-", "_")}`;
}

function readOption(option: Option, sources: OptionSources): OptionValue | undefined {
  const given = sources.given.get(option.name);
  if (given === true) return true;
  if (given !== undefined) return readText(option, given, `--${option.name}`, sources);
  const variable = variableOf(option);
  const text = variable === undefined ? undefined : sources.env(variable);
  // A variable that is set to nothing is how shells and CI say that it is not set.
  if (variable !== undefined && text) return readText(option, text, variable, sources);
  if (option.type === "boolean" || option.default === undefined) return undefined;
  return option.type === "path"
    ? readText(option, option.default, `--${option.name}`, sources)
    : option.default;
}

function readText(
  option: Option,
  text: string,
  source: string,
  { cwd, choicesOf }: OptionSources,
): OptionValue {
  const read = readOptionValue(option, text, { cwd, choices: choicesOf(option) });
  if ("value" in read) return read.value;
  const remedy = option.type === "boolean"
    ? `Set it to 1 or 0, or unset it.`
    : `Give ${
      source === `--${option.name}` ? source : `--${option.name}, or set ${source}, to`
    } ${option.placeholder}: ${option.summary}.`;
  throw usageError(`${source} ${read.problem}.`, remedy);
}
