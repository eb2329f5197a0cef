/** Compares what a config file holds with what may stand in it. Pure. */

import { nearest } from "../nearest.ts";
import { readOptionValue } from "../plugin/option_value.ts";
import type { Option, OptionValue } from "../plugin/plugin.ts";
import type { ConfigProblem } from "./config_error.ts";
import type { ConfigEntry, ConfigNode, Place } from "./config_node.ts";
import type { Member, Shape } from "./config_shape.ts";

const MAX_PROBLEMS = 50;

/** One value of the file. */
export interface ConfigValue extends Place {
  /** The keys that lead to it. */
  readonly path: readonly string[];
  readonly option: Option;
  readonly value: OptionValue;
}

export interface CheckedConfig {
  readonly values: readonly ConfigValue[];
  readonly problems: readonly ConfigProblem[];
}

export interface ReadingOptions {
  /** The file's: relative paths are relative to it. */
  readonly directory: string;
  /** What `~/` stands for. */
  readonly home: string;
  readonly choicesOf: (option: Option) => readonly string[];
}

export function checkConfig(
  root: ConfigNode,
  shape: Shape,
  reading: ReadingOptions,
): CheckedConfig {
  const values: ConfigValue[] = [];
  const problems: ConfigProblem[] = [];

  function check(node: ConfigNode, shape: Shape, path: readonly string[], at: Place): void {
    switch (shape.kind) {
      case "option":
        return checkValue(node, shape.option, path, at);
      case "short":
        if (node.kind === "record") return checkKeys(node.entries, shape.keys, path, at);
        return checkValue(node, shape.option, [...path, shape.option.name], at);
      case "keys":
      case "names":
        break;
    }
    // A heading without anything below it: all of that has been commented out, as a rule.
    if (node.kind === "scalar" && node.text === undefined) return;
    if (node.kind !== "record") {
      return say(node.place, `${nameOf(path)} is no list of keys`, "Write KEY: VALUE below it.");
    }
    if (shape.kind === "keys") return checkKeys(node.entries, shape.keys, path, at);
    for (const entry of node.entries) {
      check(entry.value, shape.value, [...path, entry.key], entry.place);
    }
  }

  function checkKeys(
    entries: readonly ConfigEntry[],
    known: ReadonlyMap<string, Member>,
    path: readonly string[],
    at: Place,
  ): void {
    for (const { key, place, value } of entries) {
      const member = known.get(key);
      if (member) check(value, member.shape, [...path, key], place);
      else say(place, `${nameOf(path)} has no key ${key}`, remedyFor(key, [...known.keys()]));
    }
    // What must be given for a command may as well come from elsewhere.
    if (path.includes("defaults")) return;
    for (const [key, { required, summary }] of known) {
      if (required && !entries.some((entry) => entry.key === key)) {
        say(at, `${nameOf(path)} lacks the key ${key}`, `It needs ${key}: ${summary}.`);
      }
    }
  }

  function checkValue(node: ConfigNode, option: Option, path: readonly string[], at: Place): void {
    const name = nameOf(path);
    const remedy = `It takes ${
      option.type === "boolean" ? "true or false" : option.placeholder
    }: ${option.summary}.`;
    if (node.kind !== "scalar") {
      const found = node.kind === "list" ? "a list" : "keys";
      return say(node.place, `${name} is one value, and here are ${found}`, remedy);
    }
    if (node.text === undefined) return say(at, `${name} has no value`, remedy);
    const read = readConfigValue(option, node.text, reading);
    if ("problem" in read) return say(node.place, `${name} ${read.problem}`, remedy);
    values.push({ path, option, value: read.value, ...at });
  }

  function say(place: Place, problem: string, remedy: string): void {
    // A file of another kind has thousands, which nobody reads.
    if (problems.length < MAX_PROBLEMS) {
      problems.push({ line: place.line, column: place.column, problem, remedy });
    }
  }

  check(root, shape, [], { line: 1, column: 1 });
  return { values, problems };
}

/** The value that a text of the file stands for: as that of an option, but that `~/` is home. */
export function readConfigValue(
  option: Option,
  text: string,
  { directory, home, choicesOf }: ReadingOptions,
): ReturnType<typeof readOptionValue> {
  const path = option.type === "path" && /^~[\\/]/.test(text) ? `${home}${text.slice(1)}` : text;
  return readOptionValue(option, path, { cwd: directory, choices: choicesOf(option) });
}

function nameOf(path: readonly string[]): string {
  return path.length === 0 ? "the file" : path.join(" → ");
}

function remedyFor(key: string, known: readonly string[]): string {
  const [near] = nearest(key, known);
  if (near !== undefined) return `Did you mean ${near}?`;
  if (/secret|password|passphrase|token/i.test(key)) {
    return "Secrets have no place in this file: they come from stdin, files or prompts.";
  }
  if (known.length === 0) return "Nothing may stand there.";
  // The options of a command are too many to be listed, and its help explains them.
  return known.length > 12
    ? `See: bastion help, or docs/guides/configuration.md.`
    : `Known are ${known.join(", ")}.`;
}
