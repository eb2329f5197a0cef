/** Reads the text of an option's value by the option's type. Pure. */

import { resolve } from "node:path";
import type { Option, OptionValue } from "./plugin.ts";

/** The value, or what is wrong with the text, to be said after the option's name. */
export type ReadValue = { readonly value: OptionValue } | { readonly problem: string };

export interface ReadOptions {
  /** What relative paths are relative to; absolute. */
  readonly cwd: string;
  /** What an option of type `choice` may take. */
  readonly choices: readonly string[];
}

/** A timer can wait no longer (2³¹ − 1 ms, 24 days and 20 hours). */
const MAX_DURATION = 2 ** 31 - 1;

const UNITS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000 };

export function readOptionValue(option: Option, text: string, options: ReadOptions): ReadValue {
  if (option.type === "boolean") return readBoolean(text);
  if (text === "") return { problem: "is empty; it needs a value" };
  switch (option.type) {
    case "string":
      return { value: text };
    case "strings":
      return { value: [text] };
    case "path":
      return { value: resolve(options.cwd, text) };
    case "integer":
      return readInteger(text, option.min, option.max);
    case "duration":
      return readDuration(text);
    case "choice":
      return readChoice(text, options.choices);
  }
}

/** What an environment variable may say of a switch. */
function readBoolean(text: string): ReadValue {
  switch (text.toLowerCase()) {
    case "1":
    case "true":
    case "yes":
      return { value: true };
    case "0":
    case "false":
    case "no":
      return { value: false };
    default:
      return { problem: `must be 1, true or yes, or 0, false or no, not ${JSON.stringify(text)}` };
  }
}

function readInteger(text: string, min: number, max: number): ReadValue {
  const value = Number(text);
  return /^[+-]?\d+$/.test(text) && value >= min && value <= max
    ? { value }
    : { problem: `must be a whole number from ${min} to ${max}, not ${JSON.stringify(text)}` };
}

function readDuration(text: string): ReadValue {
  const [, digits, unit = "s"] = /^(\d+)([smh])?$/i.exec(text) ?? [];
  const factor = UNITS[unit.toLowerCase()];
  if (digits === undefined || factor === undefined) {
    return {
      problem: `must be a time such as 90 (seconds), 90s, 15m or 8h, not ${JSON.stringify(text)}`,
    };
  }
  const value = Number(digits) * factor;
  return value <= MAX_DURATION
    ? { value }
    : { problem: `must be 24 days (576h) at most, not ${JSON.stringify(text)}` };
}

/** In any case of letters, as az has it; the value is spelt as the choice is. */
function readChoice(text: string, choices: readonly string[]): ReadValue {
  const value = choices.find((choice) => choice === text) ??
    choices.find((choice) => choice.toLowerCase() === text.toLowerCase());
  return value === undefined
    ? { problem: `must be one of ${choices.join(", ")}, not ${JSON.stringify(text)}` }
    : { value };
}
