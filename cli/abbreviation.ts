/**
 * Finds the option that a word spells. az lets its users abbreviate an option to any unambiguous
 * prefix, and Microsoft's own documentation does (`--target-ip-addres`). Only az's options count,
 * as candidates and as rivals: so a new option of ours never breaks a script. Pure.
 */

import type { Option } from "../core/plugin/plugin.ts";

export type Spelling =
  | { readonly option: Option }
  | { readonly ambiguous: readonly string[] }
  | { readonly unknown: true };

/** `name` is what stands between `--` and `=`. */
export function findOption(name: string, options: readonly Option[]): Spelling {
  const exact = options.find((option) => option.name === name);
  if (exact) return { option: exact };
  if (name === "") return { unknown: true };
  const candidates = options.filter((option) => option.az && option.name.startsWith(name));
  const [only, ...others] = candidates;
  if (only === undefined) return { unknown: true };
  return others.length === 0
    ? { option: only }
    : { ambiguous: candidates.map((option) => `--${option.name}`) };
}
