/** What users of the Azure CLI type by habit, and what it alone does: told apart. Pure. */

import { usageError } from "./usage_error.ts";

/** az's commands for bastion hosts that change, or describe, Azure: they stay with az. */
const STAY_WITH_AZ: readonly string[] = ["create", "update", "delete", "show", "wait"];

/**
 * The error for words that begin as az's do; nothing where they do not.
 * @param paths of every command
 */
export function azWordsError(
  words: readonly string[],
  paths: readonly string[],
): Error | undefined {
  const known = (word: string | undefined) =>
    paths.some((path) => path === word || path.startsWith(`${word} `));
  const [first] = words;
  if (first === undefined || known(first)) return undefined;
  const habit = ["az", "network", "bastion"].reduce(
    (at, word) => words[at] === word ? at + 1 : at,
    0,
  );
  const verb = words[habit];
  if (verb !== undefined && STAY_WITH_AZ.includes(verb) && !known(verb)) {
    return usageError(
      `${verb} stays with the Azure CLI: bastion connects through bastion hosts, and does not manage them.`,
      verb === "show"
        ? "Run: bastion list --json, or: az network bastion show"
        : `Run: az network bastion ${verb}`,
    );
  }
  if (habit === 0) return undefined;
  const typed = words.slice(0, habit).join(" ");
  return usageError(
    `There is no command ${first}.`,
    `bastion does that work itself, without the Azure CLI: leave out ${JSON.stringify(typed)}` +
      (verb !== undefined && known(verb) ? `, as in: bastion ${verb}` : ". See: bastion --help"),
  );
}
