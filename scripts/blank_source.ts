/**
 * TypeScript source with parts of it blanked: same length, same lines, so that what is found in
 * the result has the place that it has in the file. Rules that look for words in code use it, so
 * that a comment about `fetch()` or a message that names it is no offence.
 */

export type SourcePart = "comments" | "texts";

/** Blanks comments and, with `texts`, the contents of strings, templates and regular expressions. */
export function blankSource(source: string, ...parts: readonly SourcePart[]): string {
  const blanked = new Set(parts);
  let out = "";
  let at = 0;
  /** One entry for each `${` that is open, counting the braces within it. */
  const templates: number[] = [];

  const take = (end: number, part?: SourcePart) => {
    const text = source.slice(at, end);
    out += part && blanked.has(part) ? text.replace(/[^\r\n]/g, " ") : text;
    at = end;
  };
  const takeTemplate = (start: number) => {
    const { end, opensExpression } = endOfTemplate(source, start);
    take(end, "texts");
    if (opensExpression) {
      take(end + 2);
      templates.push(0);
    } else take(Math.min(end + 1, source.length));
  };

  while (at < source.length) {
    const two = source.slice(at, at + 2);
    const one = source[at];
    const depth = templates.at(-1);
    if (two === "//") take(indexOr(source, "\n", at), "comments");
    else if (two === "/*") {
      take(Math.min(indexOr(source, "*/", at + 2) + 2, source.length), "comments");
    } else if (one === '"' || one === "'") {
      take(at + 1);
      take(endOfQuoted(source, at, one), "texts");
      take(Math.min(at + 1, source.length));
    } else if (one === "`") {
      take(at + 1);
      takeTemplate(at);
    } else if (one === "/" && startsRegExp(out)) {
      take(at + 1);
      take(endOfRegExp(source, at), "texts");
      take(Math.min(at + 1, source.length));
    } else if (one === "{" && depth !== undefined) {
      templates[templates.length - 1] = depth + 1;
      take(at + 1);
    } else if (one === "}" && depth === 0) {
      templates.pop();
      take(at + 1);
      takeTemplate(at);
    } else if (one === "}" && depth !== undefined) {
      templates[templates.length - 1] = depth - 1;
      take(at + 1);
    } else take(at + 1);
  }
  return out;
}

function indexOr(source: string, text: string, from: number): number {
  const index = source.indexOf(text, from);
  return index < 0 ? source.length : index;
}

function endOfQuoted(source: string, start: number, quote: string): number {
  let at = start;
  while (at < source.length && source[at] !== quote && source[at] !== "\n") {
    at += source[at] === "\\" ? 2 : 1;
  }
  return Math.min(at, source.length);
}

function endOfTemplate(source: string, start: number): { end: number; opensExpression: boolean } {
  let at = start;
  while (at < source.length && source[at] !== "`") {
    if (source.startsWith("${", at)) return { end: at, opensExpression: true };
    at += source[at] === "\\" ? 2 : 1;
  }
  return { end: Math.min(at, source.length), opensExpression: false };
}

/** A slash divides after a value, and opens a regular expression after anything else. */
function startsRegExp(before: string): boolean {
  const code = before.trimEnd();
  if (
    /(?:^|[^\w$.])(?:return|typeof|case|in|of|do|else|void|delete|await|yield|throw)$/.test(code)
  ) {
    return true;
  }
  return code === "" || !/[\w$)\]}"'`]$/.test(code);
}

function endOfRegExp(source: string, start: number): number {
  let at = start;
  let inClass = false;
  while (at < source.length && source[at] !== "\n") {
    if (source[at] === "/" && !inClass) return at;
    if (source[at] === "[") inClass = true;
    if (source[at] === "]") inClass = false;
    at += source[at] === "\\" ? 2 : 1;
  }
  return Math.min(at, source.length);
}
