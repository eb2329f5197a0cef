/** Reads YAML into nodes that know their places. YAML's traps are refused, not sprung. */

import type { Node, Pair } from "yaml";
import { printable } from "../secret.ts";
import { configError } from "./config_error.ts";
import type { ConfigEntry, ConfigNode, Place } from "./config_node.ts";

/** Far deeper than anything that a config file has. */
const MAX_DEPTH = 16;

/**
 * @param file for errors
 * @throws BastionError `config-invalid`
 */
export async function parseConfig(text: string, file: string): Promise<ConfigNode> {
  const { isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument } = await import("yaml");
  const lineCounter = new LineCounter();
  const placeAt = (offset: number): Place => {
    const { line, col } = lineCounter.linePos(offset);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  };
  const fail = (place: Place, problem: string, remedy: string): never => {
    throw configError(file, { ...place, problem, remedy });
  };

  const document = parseDocument(text, {
    lineCounter,
    prettyErrors: false,
    // At "silent" a second document would go unnoticed.
    logLevel: "error",
    // Keys are compared below: the library's way takes minutes for a file of many.
    uniqueKeys: false,
  });
  const [wrong] = [...document.errors, ...document.warnings];
  if (wrong) {
    const deep = wrong.code === "RESOURCE_EXHAUSTION";
    fail(
      placeAt(wrong.pos[0]),
      deep ? "it is nested too deeply" : `it is not YAML: ${firstSentence(wrong.message)}`,
      "Check indentation, colons and quotes there.",
    );
  }

  function convert(node: Node | null, at: Place, depth: number): ConfigNode {
    const place = node?.range ? placeAt(node.range[0]) : at;
    if (depth > MAX_DEPTH) fail(place, "it is nested too deeply", "Nothing in it needs this.");
    if (node === null) return { kind: "scalar", text: undefined, place };
    // A few lines of anchors can stand for more than any memory holds.
    if (isAlias(node)) {
      fail(place, "it uses a YAML alias (*)", "Write it out: config files know no YAML aliases.");
    }
    if (isSeq(node)) return { kind: "list", place };
    if (isMap(node)) {
      return { kind: "record", entries: entriesOf(node.items, place, depth), place };
    }
    if (!isScalar(node)) return { kind: "list", place };
    const { value, source } = node;
    if (value === null) return { kind: "scalar", text: undefined, place };
    return { kind: "scalar", text: source ?? String(value), place };
  }

  function entriesOf(pairs: readonly Pair[], at: Place, depth: number): ConfigEntry[] {
    const places = new Map<string, Place>();
    return pairs.map(({ key, value }) => {
      const node = key as Node | null;
      const place = node?.range ? placeAt(node.range[0]) : at;
      const name = isScalar(node) ? node.source ?? String(node.value) : undefined;
      if (name === undefined || name === "") {
        return fail(place, "a key is no text", "Write KEY: VALUE.");
      }
      const first = places.get(name);
      if (first) {
        fail(
          place,
          `${printable(name, 60)} stands here a second time`,
          `The first is in line ${first.line}: keep one of them.`,
        );
      }
      places.set(name, place);
      return { key: name, place, value: convert(value as Node | null, place, depth + 1) };
    });
  }

  return document.contents === null
    ? { kind: "record", entries: [], place: { line: 1, column: 1 } }
    : convert(document.contents, { line: 1, column: 1 }, 0);
}

function firstSentence(message: string): string {
  return message.split("\n", 1)[0]?.replace(/[.:]$/, "") ?? message;
}
