/**
 * The options of every command, found before the command is known: how errors are shown, and where
 * the log goes, must be clear before anything can go wrong. It never fails; what is wrong with the
 * words is found when the command is parsed. No word can be both a value and one of these options
 * ({@linkcode ./words.ts}), so that nothing found here is wrong for a command line that is right.
 */

import type { Option, OptionValue, OptionValues } from "../core/plugin/plugin.ts";
import { findOption } from "./abbreviation.ts";
import { globalOptions, type GlobalSettings } from "./global_options.ts";
import { readOptionValue } from "../core/plugin/option_value.ts";
import { variableOf } from "./read_options.ts";

export interface SettingSources {
  readonly env: (name: string) => string | undefined;
  readonly cwd: string;
  /** Whether people look at what is printed. */
  readonly isTerminal: boolean;
  /** What the config file says, where it has been read. */
  readonly configured?: (option: Option) => OptionValue | undefined;
}

/** @param words those before `--` */
export function previewSettings(
  words: readonly string[],
  { env, cwd, isTerminal, configured = () => undefined }: SettingSources,
): GlobalSettings {
  const values: Record<string, OptionValue> = {};
  for (const option of globalOptions) {
    const variable = variableOf(option);
    const text = variable === undefined ? undefined : env(variable);
    const read = text ? readOptionValue(option, text, { cwd, choices: [] }) : undefined;
    const value = read && "value" in read ? read.value : configured(option);
    if (value !== undefined) values[option.name] = value;
  }
  for (const [index, word] of words.entries()) {
    Object.assign(values, readWord(word, words[index + 1], cwd));
  }
  const on = (name: string) => values[name] === true;
  const { config, profile, "log-file": logFile } = values;
  return {
    json: on("json"),
    quiet: on("quiet"),
    verbose: on("verbose"),
    debug: on("debug"),
    version: on("version"),
    // https://no-color.org: any value but the empty one.
    color: isTerminal && !on("no-color") && !env("NO_COLOR"),
    noInput: on("no-input"),
    ...(typeof config === "string" ? { config } : {}),
    ...(typeof profile === "string" ? { profile } : {}),
    ...(typeof logFile === "string" ? { logFile } : {}),
  };
}

function readWord(word: string, next: string | undefined, cwd: string): OptionValues {
  if (/^-[a-z]+$/i.test(word)) {
    const letters = [...word.slice(1)];
    const options = letters.map((letter) => globalOptions.find(({ short }) => short === letter));
    // A cluster of switches, and not a value behind a letter, as in -nhub.
    return options.every((option) => option?.type === "boolean")
      ? Object.fromEntries(options.map((option) => [option?.name, true]))
      : {};
  }
  const [, name, attached] = /^--([^=]+)(?:=([^]*))?$/.exec(word) ?? [];
  const found = name === undefined ? undefined : findOption(name, globalOptions);
  if (found === undefined || !("option" in found)) return {};
  const { option } = found;
  if (option.type === "boolean") return attached === undefined ? { [option.name]: true } : {};
  const text = attached ?? next;
  const read = text === undefined ? undefined : readOptionValue(option, text, { cwd, choices: [] });
  return read && "value" in read ? { [option.name]: read.value } : {};
}
