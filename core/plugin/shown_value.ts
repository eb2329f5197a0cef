import type { OptionValue } from "./plugin.ts";

/**
 * An option's value for logs and bundles, which are handed on: of a command line the program alone,
 * since its arguments may hold what its owner should not have put there. Pure.
 */
export function shownValue(option: string, value: OptionValue): OptionValue {
  if (!option.endsWith("-command") || typeof value !== "string") return value;
  return value.trim().split(/\s/, 1)[0] ?? "";
}
