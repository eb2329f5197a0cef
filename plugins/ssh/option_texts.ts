import type { OptionValues } from "../../core/mod.ts";

/** The values of an option that may be given more than once. */
export function optionTexts(options: OptionValues, name: string): readonly string[] {
  const value = options[name];
  return Array.isArray(value) ? value : [];
}
