/** A table for people. Pure. */

import stringWidth from "string-width";

const GAP = "  ";
/** Less is left to the last column only where the terminal is that narrow: then it wraps as it will. */
const MIN_LAST = 20;

/**
 * Lines of columns that stand below their headings, without a border. What the last column has too
 * much of goes on below it, by words; nothing is cut, since names are there to be copied.
 * @param width columns of the terminal; no line is broken where it is left out
 */
export function tableLines(
  headings: readonly string[],
  rows: readonly (readonly string[])[],
  width?: number,
): string[] {
  const all = [headings, ...rows];
  const last = headings.length - 1;
  const widths = headings.map((_, i) =>
    all.reduce((most, row) => Math.max(most, stringWidth(row[i] ?? "")), 0)
  );
  const before = widths.slice(0, last).reduce((sum, one) => sum + one + GAP.length, 0);
  const room = width === undefined || width - before < MIN_LAST
    ? Number.POSITIVE_INFINITY
    : width - before;
  return all.flatMap((row) => {
    const start = row.slice(0, last).map((cell, i) => padEnd(cell, widths[i] ?? 0) + GAP).join("");
    const [first = "", ...more] = wrap(row[last] ?? "", room);
    return [`${start}${first}`.trimEnd(), ...more.map((line) => " ".repeat(before) + line)];
  });
}

function padEnd(text: string, width: number): string {
  return text + " ".repeat(Math.max(0, width - stringWidth(text)));
}

/** A word that is longer than the room has a line of its own. */
function wrap(text: string, room: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    const longer = line === "" ? word : `${line} ${word}`;
    if (line !== "" && stringWidth(longer) > room) {
      lines.push(line);
      line = word;
    } else {
      line = longer;
    }
  }
  return [...lines, line];
}
