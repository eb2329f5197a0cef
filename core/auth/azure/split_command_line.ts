/** Splits a command line into its words, as a shell would, of which there is none. */

import type { Os } from "../../platform.ts";

/**
 * Words are parted by spaces; quotes, single or double, keep them together. A backslash takes the
 * next character as it is, but for Windows, where it is a path's. Nothing is expanded.
 * Undefined where a quote is not closed.
 */
export function splitCommandLine(line: string, os: Os): string[] | undefined {
  const words: string[] = [];
  let word: string | undefined;
  let quote = "";
  for (let at = 0; at < line.length; at++) {
    const char = line.charAt(at);
    if (char === "\\" && os !== "windows" && quote !== "'" && at + 1 < line.length) {
      word = (word ?? "") + line.charAt(++at);
    } else if (quote !== "") {
      if (char === quote) quote = "";
      else word = (word ?? "") + char;
    } else if (char === '"' || char === "'") {
      quote = char;
      word ??= "";
    } else if (/\s/.test(char)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else {
      word = (word ?? "") + char;
    }
  }
  if (quote !== "") return undefined;
  if (word !== undefined) words.push(word);
  return words;
}
