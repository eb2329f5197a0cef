/** Expressions of Kusto's language: a small part, and every other an error. */

import { KqlError, type KqlToken } from "./kql_tokens.ts";

export type KqlRow = Readonly<Record<string, unknown>>;
export type KqlExpression = (row: KqlRow) => unknown;

/** What is still to be read of a query. */
export interface KqlReader {
  peek(): KqlToken;
  next(): KqlToken;
  position(): number;
  /** All but the signs: what Resource Graph makes a column's name of. */
  wordsSince(position: number): readonly string[];
  /** Takes the name or sign if it comes next. */
  take(text: string): boolean;
  /** @throws KqlError where something else comes */
  expect(text: string): void;
}

const textOf = (value: unknown): string =>
  value === undefined || value === null
    ? ""
    : typeof value === "object"
    ? JSON.stringify(value)
    : String(value);
const fold = (value: unknown) => textOf(value).toLowerCase();
const isSame = (a: unknown, b: unknown) =>
  typeof a === "object" || typeof b === "object" ? false : a === b;

const functions: Readonly<Record<string, (values: readonly unknown[]) => unknown>> = {
  tolower: ([value]) => fold(value),
  toupper: ([value]) => textOf(value).toUpperCase(),
  tostring: ([value]) => textOf(value),
  isempty: ([value]) => textOf(value) === "",
  isnotempty: ([value]) => textOf(value) !== "",
  isnull: ([value]) => value === undefined || value === null,
  isnotnull: ([value]) => value !== undefined && value !== null,
  not: ([value]) => value !== true,
  coalesce: (values) => values.find((value) => textOf(value) !== ""),
  array_length: ([value]) => Array.isArray(value) ? value.length : undefined,
  strcat: (values) => values.map(textOf).join(""),
};

const comparisons: Readonly<Record<string, (a: unknown, b: unknown) => boolean>> = {
  "==": isSame,
  "!=": (a, b) => !isSame(a, b),
  "=~": (a, b) => fold(a) === fold(b),
  "!~": (a, b) => fold(a) !== fold(b),
  "<": (a, b) => Number(a) < Number(b),
  ">": (a, b) => Number(a) > Number(b),
  "<=": (a, b) => Number(a) <= Number(b),
  ">=": (a, b) => Number(a) >= Number(b),
  has: (a, b) => fold(a).split(/[^\p{L}\p{N}]+/u).includes(fold(b)),
  contains: (a, b) => fold(a).includes(fold(b)),
  startswith: (a, b) => fold(a).startsWith(fold(b)),
  endswith: (a, b) => fold(a).endsWith(fold(b)),
};

const memberships: Readonly<Record<string, (a: unknown, list: readonly unknown[]) => boolean>> = {
  in: (a, list) => list.some((b) => isSame(a, b)),
  "!in": (a, list) => !list.some((b) => isSame(a, b)),
  "in~": (a, list) => list.some((b) => fold(a) === fold(b)),
  "!in~": (a, list) => !list.some((b) => fold(a) === fold(b)),
};

/** @throws KqlError */
export function kqlExpression(reader: KqlReader): KqlExpression {
  const parts = [conjunction(reader)];
  while (reader.take("or")) parts.push(conjunction(reader));
  return parts.length === 1 ? first(parts) : (row) => parts.some((part) => part(row) === true);
}

function conjunction(reader: KqlReader): KqlExpression {
  const parts = [comparison(reader)];
  while (reader.take("and")) parts.push(comparison(reader));
  return parts.length === 1 ? first(parts) : (row) => parts.every((part) => part(row) === true);
}

function comparison(reader: KqlReader): KqlExpression {
  const left = operand(reader);
  const { kind, text } = reader.peek();
  if (kind !== "name" && kind !== "sign") return left;
  const word = text.toLowerCase();
  const compare = Object.hasOwn(comparisons, word) ? comparisons[word] : undefined;
  if (compare) {
    reader.next();
    const right = operand(reader);
    return (row) => compare(left(row), right(row));
  }
  const contains = Object.hasOwn(memberships, word) ? memberships[word] : undefined;
  if (!contains) return left;
  reader.next();
  reader.expect("(");
  const list = expressionList(reader);
  return (row) => contains(left(row), list.map((one) => one(row)));
}

function operand(reader: KqlReader): KqlExpression {
  const token = reader.next();
  if (token.kind === "text") return () => token.text;
  if (token.kind === "number") return () => token.value;
  if (token.kind === "sign" && token.text === "(") {
    const inner = kqlExpression(reader);
    reader.expect(")");
    return inner;
  }
  if (token.kind !== "name") throw new KqlError(`unexpected '${token.text || "end of query"}'`);
  if (token.text === "true" || token.text === "false") {
    const value = token.text === "true";
    return () => value;
  }
  if (reader.take("(")) {
    const call = Object.hasOwn(functions, token.text) ? functions[token.text] : undefined;
    if (!call) throw new KqlError(`the emulator has no function '${token.text}'`);
    const list = expressionList(reader);
    return (row) => call(list.map((one) => one(row)));
  }
  return path(reader, token.text);
}

function path(reader: KqlReader, start: string): KqlExpression {
  const steps: (string | number)[] = [start];
  while (true) {
    if (reader.take(".")) steps.push(reader.next().text);
    else if (reader.take("[")) {
      const key = reader.next();
      steps.push(key.kind === "number" ? key.value : key.text);
      reader.expect("]");
    } else break;
  }
  return (row) =>
    steps.reduce<unknown>(
      (value, step) =>
        typeof value === "object" && value !== null && Object.hasOwn(value, step)
          ? (value as Record<string | number, unknown>)[step]
          : undefined,
      row,
    );
}

/** Up to the closing parenthesis. */
function expressionList(reader: KqlReader): KqlExpression[] {
  const list: KqlExpression[] = [];
  if (reader.take(")")) return list;
  do list.push(kqlExpression(reader)); while (reader.take(","));
  reader.expect(")");
  return list;
}

function first(parts: readonly KqlExpression[]): KqlExpression {
  return parts[0] ?? (() => undefined);
}
