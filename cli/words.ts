/**
 * The words of a command line, before anything is known of the command: where `--` divides them,
 * which command they name, and every option spelt out. Pure.
 *
 * A word that begins with `--` is never taken for the value of the option before it, so that a
 * forgotten value is noticed (`--opt=--value` says it anyway); `-1` is, since no option is a digit.
 */

import type { Option } from "../core/plugin/plugin.ts";
import { findOption } from "./abbreviation.ts";
import { usageError } from "./usage_error.ts";

export interface DividedWords {
  readonly words: readonly string[];
  /** What follows the first `--`, untouched; absent where there is none. */
  readonly rest?: readonly string[];
}

export function divideWords(argv: readonly string[]): DividedWords {
  const at = argv.indexOf("--");
  return at < 0 ? { words: argv } : { words: argv.slice(0, at), rest: argv.slice(at + 1) };
}

/** The option that a word gives, as far as it is known. */
interface OptionWord {
  readonly option: Option;
  /** What follows `=`, or a short option's letter. */
  readonly value?: string;
  /** Switches in the same word, as `v` in `-qv`. */
  readonly more?: string;
}

export interface NamedCommand {
  /** The longest path, or beginning of one, that the words name; empty where they name none. */
  readonly path: string;
  /** All other words, in order. */
  readonly others: readonly string[];
}

/** Only the options of every command may stand before or among the words of a command's path. */
export function nameCommand(
  words: readonly string[],
  paths: readonly string[],
  globalOptions: readonly Option[],
): NamedCommand {
  let path = "";
  const others: string[] = [];
  let index = 0;
  for (; index < words.length; index++) {
    const word = words[index] ?? "";
    if (isOptionLike(word)) {
      const read = readOptionWord(word, globalOptions);
      if (read === undefined || "ambiguous" in read) break;
      others.push(word);
      if (read.option.type === "boolean" || read.value !== undefined) continue;
      const value = words[index + 1];
      if (value !== undefined) others.push(value);
      index++;
      continue;
    }
    const longer = path === "" ? word : `${path} ${word}`;
    if (!paths.some((one) => one === longer || one.startsWith(`${longer} `))) break;
    path = longer;
  }
  return { path, others: [...others, ...words.slice(index)] };
}

/**
 * Every option in full, with its value behind `=`; words that are none, and unknown options, as
 * they are. After `plain` words that are no options, the next such word and what follows it stand
 * untouched behind a `--`.
 * @throws BastionError `usage`
 */
export function spellOut(
  words: readonly string[],
  options: readonly Option[],
  plain = Number.POSITIVE_INFINITY,
): string[] {
  const spelt: string[] = [];
  let left = plain;
  const queue = [...words];
  for (let word = queue.shift(); word !== undefined; word = queue.shift()) {
    const read = isOptionLike(word) ? readOptionWord(word, options) : undefined;
    if (!isOptionLike(word) && left-- === 0) return [...spelt, "--", word, ...queue];
    if (read === undefined) {
      spelt.push(word);
      continue;
    }
    if ("ambiguous" in read) {
      throw usageError(
        `${word.split("=", 1)[0]} may mean ${read.ambiguous.join(" or ")}.`,
        "Write more of it.",
      );
    }
    const { option, value, more } = read;
    if (more !== undefined) queue.unshift(`-${more}`);
    if (option.type === "boolean") {
      const which = option.saysWhich && (value ?? queue[0] ?? "").toLowerCase();
      if (which === "true" || which === "false") {
        if (value === undefined) queue.shift();
        if (which === "true") spelt.push(`--${option.name}`);
        continue;
      }
      if (value !== undefined) {
        throw usageError(`--${option.name} takes no value.`, `Write --${option.name} alone.`);
      }
      spelt.push(`--${option.name}`);
      continue;
    }
    const [next] = queue;
    const given = value ?? (next !== undefined && mayBeValue(next, options) ? next : undefined);
    if (option.secret !== undefined && given !== "-") {
      throw usageError(
        `--${option.name} takes no secret: other users and the shell's history would see it.`,
        option.secret,
      );
    }
    if (given === undefined) {
      throw usageError(
        `--${option.name} needs a value.`,
        `Write --${option.name} ${option.placeholder}; a value that begins with -- goes behind =, as in --${option.name}=VALUE.`,
      );
    }
    if (value === undefined) queue.shift();
    spelt.push(`--${option.name}=${given}`);
  }
  return spelt;
}

/** Whether a word can only be an option: `-` alone is a name of stdin, and `-1` a number. */
function isOptionLike(word: string): boolean {
  return word.startsWith("-") && word !== "-" && !/^-\d/.test(word);
}

function mayBeValue(word: string, options: readonly Option[]): boolean {
  if (word.startsWith("--")) return false;
  return !isOptionLike(word) || readOptionWord(word, options) === undefined;
}

function readOptionWord(
  word: string,
  options: readonly Option[],
): OptionWord | { readonly ambiguous: readonly string[] } | undefined {
  if (word.startsWith("--")) {
    const [, name = "", value] = /^--([^=]*)(?:=([^]*))?$/.exec(word) ?? [];
    const found = findOption(name, options);
    if ("ambiguous" in found) return found;
    if ("unknown" in found) return undefined;
    return { option: found.option, ...(value === undefined ? {} : { value }) };
  }
  const option = options.find(({ short }) => short === word[1]);
  const tail = word.slice(2);
  if (option === undefined) return undefined;
  if (tail === "") return { option };
  // `-q-` would leave `--`, and `-q--json` an option, where no word of the user's is one.
  if (option.type === "boolean" && tail.startsWith("-")) return undefined;
  // As az has it: -n=hub and -nhub are the same.
  if (option.type !== "boolean" || tail.startsWith("=")) {
    return { option, value: tail.replace(/^=/, "") };
  }
  return { option, more: tail };
}
