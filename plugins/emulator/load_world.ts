/** From a YAML text, or a value, to a checked description of the world. */

import { isMap, isScalar, isSeq, LineCounter, type Node, parseDocument } from "yaml";
import type { z } from "zod";
import type { MakeError } from "./errors.ts";
import { nearest } from "./nearest.ts";
import { type WorldDescription, worldSchema } from "./world_schema.ts";

const REMEDY =
  "Correct it there; `bastion help emulator` shows a file that works. Nothing was started.";

/** @throws `emulator/config-unreadable`, `emulator/config-invalid` */
export async function loadWorldFile(file: string, error: MakeError): Promise<WorldDescription> {
  let text: string;
  try {
    text = await Deno.readTextFile(file);
  } catch (cause) {
    // Deno repeats the call and the path, which the message has already.
    const problem = cause instanceof Error
      ? cause.message.replace(/: \w+ '.*'$/, "")
      : String(cause);
    throw error("emulator/config-unreadable", { file, problem }, cause);
  }
  return parseWorld(text, file, error);
}

/**
 * @param file for messages: `file:line:column: …`
 * @throws `emulator/config-invalid`
 */
export function parseWorld(text: string, file: string, error: MakeError): WorldDescription {
  const lines = new LineCounter();
  const document = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    // The library's warnings would go past our output, to stderr.
    logLevel: "error",
  });
  const place = (offset: number) => {
    const { line, col } = lines.linePos(offset);
    return `${file}:${line}:${col}`;
  };
  const [broken] = document.errors;
  if (broken) throw invalid(`${place(broken.pos[0])}: ${firstLine(broken.message)}`, error, broken);
  let value: unknown;
  try {
    value = document.toJS() ?? {};
  } catch (cause) {
    // An alias of nothing, or of too much: found out only here.
    throw invalid(`${file}: ${firstLine(messageOf(cause))}`, error, cause);
  }
  const result = worldSchema.safeParse(value, { reportInput: true });
  if (result.success) return result.data;
  const problems = result.error.issues.map((issue) => ({
    offset: offsetOf(document.contents, issue),
    text: explainIssue(issue),
  })).toSorted((a, b) => a.offset - b.offset);
  throw invalid(
    problems.map((problem) => `${place(problem.offset)}: ${problem.text}`).join("; "),
    error,
  );
}

/** @throws `emulator/config-invalid` */
export function checkWorld(value: unknown, error: MakeError): WorldDescription {
  const result = worldSchema.safeParse(value, { reportInput: true });
  if (result.success) return result.data;
  throw invalid(result.error.issues.map(explainIssue).join("; "), error);
}

/** `bastionHosts[0].sku: …`, with the value that was probably meant. */
export function explainIssue(issue: z.core.$ZodIssue): string {
  const path = issue.path.reduce<string>(
    (text, part) =>
      typeof part === "number" ? `${text}[${part}]` : `${text}${text && "."}${String(part)}`,
    "",
  );
  const choices = choicesOf(issue);
  const message = choices.length > 0
    ? `must be one of ${choices.join(", ")}`
    : issue.message.replace(/^Invalid input: /, "");
  const given = issue.code === "invalid_union" && isRecord(issue.input)
    ? issue.input[String(issue.path.at(-1))]
    : issue.input;
  const meant = typeof given === "string" ? nearest(given, choices) : undefined;
  return `${path && `${path}: `}${message}${meant ? ` (did you mean ${meant}?)` : ""}`;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

function choicesOf(issue: z.core.$ZodIssue): string[] {
  if (issue.code === "invalid_value") return issue.values.map(String);
  if (issue.code === "invalid_union" && "options" in issue && Array.isArray(issue.options)) {
    return issue.options.map(String);
  }
  return [];
}

/** Where in the text the issue's value is; for an unknown key the key, for a missing one its map. */
function offsetOf(contents: Node | null, issue: z.core.$ZodIssue): number {
  let node: unknown = contents;
  let offset = contents?.range?.[0] ?? 0;
  const path = [...issue.path, ...(issue.code === "unrecognized_keys" ? issue.keys : [])];
  for (const part of path) {
    if (isMap(node)) {
      const pair = node.items.find(({ key }) =>
        isScalar(key) && String(key.value) === String(part)
      );
      if (!pair) break;
      const at = issue.code === "unrecognized_keys" ? pair.key : pair.value ?? pair.key;
      offset = rangeStart(at) ?? offset;
      node = pair.value;
    } else if (isSeq(node)) {
      node = node.items[Number(part)];
      offset = rangeStart(node) ?? offset;
    } else break;
  }
  return offset;
}

function rangeStart(node: unknown): number | undefined {
  return isMap(node) || isSeq(node) || isScalar(node) ? node.range?.[0] : undefined;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function firstLine(text: string): string {
  return text.split("\n", 1)[0] ?? text;
}

function invalid(problem: string, error: MakeError, cause?: unknown): Error {
  return error("emulator/config-invalid", { problem, remedy: REMEDY }, cause);
}
