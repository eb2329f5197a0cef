/** docs/reference/hooks.md, from core/plugin/hooks.ts: table, contracts and signatures. */

import type { HookKind } from "../../core/plugin/hooks.ts";
import { code, pageHead, table } from "./markdown.ts";

export interface HookSource {
  readonly hookTable: Readonly<Record<string, { readonly kind: HookKind; readonly limit: number }>>;
  /** The text of hooks.ts. */
  readonly source: string;
}

export function hooksPage({ hookTable, source }: HookSource): string {
  const contracts = readContracts(source);
  const hooks = Object.entries(hookTable);
  const parts = [
    pageHead("Hooks", "core/plugin/hooks.ts"),
    `${moduleDoc(source)}\n`,
    table(
      ["Hook", "Kind", "Time limit"],
      hooks.map(([name, { kind, limit }]) => [code(name), kind, `${limit / 1000} s`]),
    ),
  ];
  for (const [name, { kind }] of hooks) {
    const contract = contracts.get(name);
    if (!contract) throw new Error(`hook ${name} has no doc comment in HookSignatures`);
    if (!contract.text.startsWith(`${kind}. `)) {
      throw new Error(`the doc comment of hook ${name} says another kind than the table: ${kind}`);
    }
    const text = contract.text.slice(kind.length + 2);
    parts.push(
      `## ${name}\n`,
      `*${kind}* · ${text}\n`,
      `\`\`\`ts\n${contract.signature}\n\`\`\`\n`,
    );
  }
  return parts.join("\n");
}

/** The first doc comment of a file, without its stars. */
function moduleDoc(source: string): string {
  const comment = /^\/\*\*([\s\S]*?)\*\//.exec(source)?.[1];
  if (comment === undefined) throw new Error("hooks.ts begins with no doc comment");
  return unstar(comment);
}

/** The members of `HookSignatures`, each with its doc comment, as they are written. */
function readContracts(source: string): Map<string, { text: string; signature: string }> {
  const body = /export interface HookSignatures \{\n([\s\S]*?)\n\}/.exec(source)?.[1] ?? "";
  const contracts = new Map<string, { text: string; signature: string }>();
  for (const [, comment = "", signature = "", name = ""] of body.matchAll(MEMBER)) {
    contracts.set(name, {
      text: unstar(comment).replaceAll(/\s*\n\s*/g, " "),
      signature: signature.split("\n").map((line) => line.replace(/^ {2}/, "")).join("\n"),
    });
  }
  return contracts;
}

/** A doc comment and the method below it, to the semicolon that ends its line. */
const MEMBER = / {2}\/\*\*([\s\S]*?)\*\/\n {2}((\w+)\([\s\S]*?;)(?=\n {2}\/\*\*|\s*$)/g;

function unstar(comment: string): string {
  return comment.split("\n").map((line) => line.replace(/^\s*\* ?/, "")).join("\n").trim();
}
