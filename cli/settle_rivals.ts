/**
 * Options that say the same in different ways: the way that the user has just chosen goes before
 * what a variable or the config file says in another. Pure.
 */

import type { SettingSource } from "../core/config/configuration.ts";
import type { SourcedValue } from "./read_options.ts";

/** In each list, an entry is one way: options that belong together. */
const RIVALS: readonly (readonly (readonly string[])[])[] = [
  [["target-resource-id"], ["target-ip-address"]],
  [["bastion"], ["name", "resource-group"]],
];

const RANK: Readonly<Record<SettingSource["kind"], number>> = {
  flag: 0,
  variable: 1,
  profile: 2,
  file: 3,
  default: 4,
};

/**
 * Takes out of `read` what a way of saying it with precedence has made void.
 * @param word whether TARGET was given, which is a way of naming the target as well
 */
export function settleRivals(read: Map<string, SourcedValue>, word: boolean): void {
  for (const [index, ways] of RIVALS.entries()) {
    const rankOf = (names: readonly string[]) =>
      Math.min(...names.map((name) => {
        const source = read.get(name)?.source;
        return source === undefined ? Number.POSITIVE_INFINITY : RANK[source.kind];
      }));
    const best = word && index === 0 ? RANK.flag : Math.min(...ways.map(rankOf));
    for (const names of ways) {
      if (rankOf(names) > best) { for (const name of names) read.delete(name); }
    }
  }
}
