/**
 * Queries in Kusto's language, as Resource Graph takes them: tables, where, project, extend,
 * order by, take, union and mv-expand. What else there is in the language is an error, never a
 * wrong answer.
 */

import {
  type KqlExpression,
  kqlExpression,
  type KqlReader,
  type KqlRow,
} from "./kql_expression.ts";
import { KqlError, type KqlToken, kqlTokens } from "./kql_tokens.ts";

export type KqlTables = Readonly<Record<string, readonly KqlRow[]>>;
type Rows = readonly KqlRow[];
type Step = (rows: Rows) => Rows;

/** @throws KqlError where the query is wrong, or more than the emulator knows */
export function runKql(query: string, tables: KqlTables): Rows {
  const reader = createReader(kqlTokens(query));
  const rows = pipeline(reader, tables);
  const { text } = reader.peek();
  if (reader.peek().kind !== "end") throw new KqlError(`unexpected '${text}'`);
  return rows;
}

function pipeline(reader: KqlReader, tables: KqlTables): Rows {
  const { text } = reader.next();
  const name = text.toLowerCase();
  let rows = Object.hasOwn(tables, name) ? tables[name] : undefined;
  if (!rows) throw new KqlError(`the emulator has no table '${text}'`);
  while (reader.take("|")) rows = step(reader, tables)(rows);
  return rows;
}

function step(reader: KqlReader, tables: KqlTables): Step {
  const { text } = reader.next();
  switch (text.toLowerCase()) {
    case "where": {
      const holds = kqlExpression(reader);
      return (rows) => rows.filter((row) => holds(row) === true);
    }
    case "project": {
      const columns = columnList(reader);
      return (rows) => rows.map((row) => compute(columns, row));
    }
    case "extend": {
      const columns = columnList(reader);
      return (rows) => rows.map((row) => ({ ...row, ...compute(columns, row) }));
    }
    case "mv-expand": {
      const [column] = columnList(reader);
      if (!column) throw new KqlError("mv-expand needs a column");
      return (rows) =>
        rows.flatMap((row) => {
          const value = column.value(row);
          if (!Array.isArray(value)) return [{ ...row, [column.name]: value ?? null }];
          return value.map((one: unknown) => ({ ...row, [column.name]: one }));
        });
    }
    case "order":
    case "sort":
      return sorting(reader);
    case "take":
    case "limit": {
      const count = reader.next();
      if (count.kind !== "number") throw new KqlError("take needs a number");
      return (rows) => rows.slice(0, count.value);
    }
    case "union": {
      const isNested = reader.take("(");
      const others = pipeline(reader, tables);
      if (isNested) reader.expect(")");
      return (rows) => [...rows, ...others];
    }
  }
  throw new KqlError(`the emulator has no operator '${text}'`);
}

interface Column {
  readonly name: string;
  readonly value: KqlExpression;
}

function columnList(reader: KqlReader): Column[] {
  const columns: Column[] = [];
  do {
    const { kind, text } = reader.peek();
    if (kind !== "name") throw new KqlError(`unexpected '${text || "end of query"}'`);
    const start = reader.position();
    const value = kqlExpression(reader);
    if (reader.take("=")) columns.push({ name: text, value: kqlExpression(reader) });
    else columns.push({ name: reader.wordsSince(start).join("_"), value });
  } while (reader.take(","));
  return columns;
}

function compute(columns: readonly Column[], row: KqlRow): KqlRow {
  return Object.fromEntries(columns.map(({ name, value }) => [name, value(row) ?? null]));
}

function sorting(reader: KqlReader): Step {
  reader.expect("by");
  const keys: { value: KqlExpression; sign: number }[] = [];
  do {
    const value = kqlExpression(reader);
    // Kusto sorts downwards unless told otherwise.
    const isUp = reader.take("asc");
    if (!isUp) reader.take("desc");
    keys.push({ value, sign: isUp ? 1 : -1 });
  } while (reader.take(","));
  return (rows) =>
    rows.toSorted((a, b) => {
      for (const { value, sign } of keys) {
        const [one, other] = [value(a), value(b)];
        const order = typeof one === "number" && typeof other === "number"
          ? one - other
          : String(one ?? "") < String(other ?? "")
          ? -1
          : Number(String(one ?? "") > String(other ?? ""));
        if (order !== 0) return order * sign;
      }
      return 0;
    });
}

function createReader(tokens: readonly KqlToken[]): KqlReader {
  const end: KqlToken = { kind: "end", text: "" };
  let at = 0;
  const peek = () => tokens[at] ?? end;
  const isAt = (text: string) => {
    const token = peek();
    return (token.kind === "name" || token.kind === "sign") &&
      token.text.toLowerCase() === text;
  };
  return {
    peek,
    position: () => at,
    wordsSince: (start) =>
      tokens.slice(start, at).flatMap(({ kind, text }) => kind === "sign" ? [] : [text]),
    next: () => tokens[at++] ?? end,
    take(text) {
      if (!isAt(text)) return false;
      at++;
      return true;
    },
    expect(text) {
      if (!this.take(text)) {
        throw new KqlError(`'${text}' was expected in place of '${peek().text || "end of query"}'`);
      }
    },
  };
}
