/** Our part of a file that is the user's: between two lines, at its top. Pure. */

const BEGIN = "# >>> bastion ssh-config >>>";
const END = "# <<< bastion ssh-config <<<";
const BYTE_ORDER_MARK = "\u00ef\u00bb\u00bf";

export interface MarkedText {
  /** What is ours, without the lines that mark it; nothing where there is none. */
  readonly block?: string;
  /** All that is the user's. */
  readonly rest: string;
}

/**
 * Texts have a character for each byte (Latin-1), so that no byte of the user's is lost.
 * @returns nothing where a mark has lost its other half
 */
export function readMarked(text: string): MarkedText | undefined {
  const order = orderMark(text);
  const own = text.slice(order.length);
  const [begin, end, ...others] = own.matchAll(
    /^# (>>>|<<<) bastion ssh-config \1[ \t]*(?:\r?\n|$)/gm,
  );
  if (begin === undefined) return { rest: text };
  if (end === undefined || begin[1] !== ">>>" || end[1] !== "<<<" || others.length > 0) {
    return undefined;
  }
  return {
    block: own.slice(begin.index + begin[0].length, end.index).replaceAll("\r\n", "\n"),
    rest: order + own.slice(0, begin.index) + own.slice(end.index + end[0].length),
  };
}

/**
 * `rest` with the block at its top: the first value of a setting counts, and hosts of the user's
 * that stood before would keep ours from being read. It has the file's own line ends.
 */
export function withMarked(rest: string, block: string): string {
  const order = orderMark(rest);
  const lines = `${BEGIN}\n${block}${END}\n`;
  const ours = /\r\n/.test(rest) ? lines.replaceAll("\n", "\r\n") : lines;
  return `${order}${ours}${rest.slice(order.length)}`;
}

/** Notepad's; it stays the first thing in the file. */
function orderMark(text: string): string {
  return text.startsWith(BYTE_ORDER_MARK) ? BYTE_ORDER_MARK : "";
}
