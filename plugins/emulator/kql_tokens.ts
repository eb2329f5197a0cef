/** The words of a query in Kusto's language, as far as the emulator knows it. */

export type KqlToken =
  | { readonly kind: "name" | "text" | "sign"; readonly text: string }
  | { readonly kind: "number"; readonly text: string; readonly value: number }
  | { readonly kind: "end"; readonly text: "" };

/** What the emulator does not understand in a query. */
export class KqlError extends Error {
  override readonly name = "KqlError";
}

const TOKEN =
  /\s+|\/\/[^\n]*|(?<text>'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*")|(?<number>\d+(?:\.\d+)?)|(?<name>!?(?:in~|has_any|mv-expand|[A-Za-z_$][\w$]*))|(?<sign>==|!=|=~|!~|<=|>=|[|,()[\].=<>])/y;

/** @throws KqlError */
export function kqlTokens(query: string): KqlToken[] {
  const tokens: KqlToken[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < query.length) {
    const at = TOKEN.lastIndex;
    const groups = TOKEN.exec(query)?.groups;
    if (TOKEN.lastIndex === 0) throw new KqlError(`unexpected '${query.slice(at, at + 10)}'`);
    if (!groups) continue;
    const { text, number, name, sign } = groups;
    if (text !== undefined) {
      tokens.push({ kind: "text", text: text.slice(1, -1).replace(/\\(.)/g, "$1") });
    } else if (number !== undefined) {
      tokens.push({ kind: "number", text: number, value: Number(number) });
    } else if (name !== undefined) tokens.push({ kind: "name", text: name });
    else if (sign !== undefined) tokens.push({ kind: "sign", text: sign });
  }
  tokens.push({ kind: "end", text: "" });
  return tokens;
}
