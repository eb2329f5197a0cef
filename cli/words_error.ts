/** Says why the words cannot be a call of a command, and what may have been meant. Pure. */

import type { Command } from "../core/plugin/plugin.ts";
import { suggestName, type WordsProblem } from "./commander_adapter.ts";
import { globalOptions } from "./global_options.ts";
import { called, seeHelp, usageError } from "./usage_error.ts";

export interface WordsErrorOptions {
  /** What the words named, as far as they named anything. */
  readonly path: string;
  /** The command of that path, if there is one. */
  readonly command: Command | undefined;
  /** Every path that help lists. */
  readonly listed: readonly string[];
}

export function wordsError(problem: WordsProblem, options: WordsErrorOptions): Error {
  if ("unknownOption" in problem) return unknownOption(problem, options);
  if ("excess" in problem) return excessWord(problem.excess[0] ?? "", options);
  return usageError(`${called(options.path)}: ${problem.other}.`, seeHelp(options.path));
}

function unknownOption(
  { unknownOption: word, suggestion }: { unknownOption: string; suggestion?: string },
  { path, command }: WordsErrorOptions,
): Error {
  const [spelling = word] = word.split("=", 1);
  // Ours are spelt in full: whoever began to spell one is told the rest of it.
  const begun = spelling.length < 3
    ? []
    : [...(command?.options ?? []), ...globalOptions].map(({ name }) => `--${name}`)
      .filter((name) => name.startsWith(spelling));
  const meant = begun.length > 0 ? begun.join(" or ") : suggestion;
  const remedies = [
    ...(meant === undefined ? [] : [`Did you mean ${meant}?`]),
    ...(path === "" ? ["The options of a command go behind its name."] : []),
    seeHelp(path),
  ];
  return usageError(`${called(path)} has no option ${spelling}.`, remedies.join(" "));
}

function excessWord(word: string, { path, command, listed }: WordsErrorOptions): Error {
  const args = command?.args ?? [];
  const prefix = path === "" ? "" : `${path} `;
  const below = listed.filter((one) => one.startsWith(prefix))
    .map((one) => one.slice(prefix.length).split(" ", 1)[0] ?? one);
  if (command === undefined || (below.length > 0 && args.length === 0)) {
    const meant = suggestName(word, [...new Set(below)]);
    const remedy = meant === undefined ? "" : `Did you mean: bastion ${prefix}${meant}? `;
    return usageError(`There is no command ${prefix}${word}.`, remedy + seeHelp(path));
  }
  const takes = args.length === 0
    ? "no argument"
    : `${args.length} argument${args.length === 1 ? "" : "s"}`;
  return usageError(
    `${called(path)} takes ${takes}, and ${JSON.stringify(word)} is one too many.`,
    `Put quotes around a value with blanks. ${seeHelp(path)}`,
  );
}
