/**
 * What every option comes to: the command line first, then the environment, the config file's
 * profile, the config file, and last the default.
 */

import type { SettingSource } from "../core/config/configuration.ts";
import type { Option, OptionValue, OptionValues } from "../core/plugin/plugin.ts";
import { readOptionValue } from "../core/plugin/option_value.ts";
import type { GivenWord } from "./commander_adapter.ts";
import { usageError } from "./usage_error.ts";

/** A value, and where it comes from. */
export interface SourcedValue {
  readonly value: OptionValue;
  readonly source: SettingSource;
}

export interface OptionSources {
  /** What the user wrote, by the option's name; `true` for a switch. */
  readonly given: ReadonlyMap<string, GivenWord>;
  readonly env: (name: string) => string | undefined;
  /** What the config file says. */
  readonly configured?: (option: Option) => SourcedValue | undefined;
  /** Absolute. */
  readonly cwd: string;
  /** What an option of type `choice` may take. */
  readonly choicesOf: (option: Option) => readonly string[];
}

/** By the options' names. @throws BastionError `usage`, naming the option or the variable */
export function readOptions(
  options: readonly Option[],
  sources: OptionSources,
): Map<string, SourcedValue> {
  const read = new Map<string, SourcedValue>();
  for (const option of options) {
    const value = readOption(option, sources);
    if (value !== undefined) read.set(option.name, value);
  }
  return read;
}

/** The values alone. */
export function optionValues(read: ReadonlyMap<string, SourcedValue>): OptionValues {
  return Object.fromEntries([...read].map(([name, { value }]) => [name, value]));
}

/** The variable that is read where the option is not given. */
export function variableOf({ name, env }: Option): string | undefined {
  if (env === false) return undefined;
  return env ?? `BASTION_${name.toUpperCase().replaceAll("-", "_")}`;
}

function readOption(option: Option, sources: OptionSources): SourcedValue | undefined {
  const flag = `--${option.name}`;
  const given = sources.given.get(option.name);
  if (given !== undefined) {
    const value = typeof given === "string" ? readText(option, given, flag, sources) : given;
    return { value, source: { kind: "flag", flag } };
  }
  const variable = variableOf(option);
  const text = variable === undefined ? undefined : sources.env(variable);
  // A variable that is set to nothing is how shells and CI say that it is not set.
  if (variable !== undefined && text) {
    const value = readText(option, text, variable, sources);
    return { value, source: { kind: "variable", variable } };
  }
  const configured = sources.configured?.(option);
  if (configured !== undefined) return configured;
  if (!("default" in option) || option.default === undefined) return undefined;
  const value = option.type === "path"
    ? readText(option, option.default, flag, sources)
    : option.default;
  return { value, source: { kind: "default" } };
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
