/** The import law: who may import whom. Pure; {@linkcode ./check_imports.ts} runs it. */

import { type Import, isOurs } from "./module_graph.ts";
import { isTest } from "./project_files.ts";

export interface Offence {
  readonly file: string;
  readonly line: number;
  readonly message: string;
}

/** Packages with one door, so that they can be exchanged. */
const ONE_DOOR: Readonly<Record<string, string>> = { commander: "cli/commander_adapter.ts" };

/** Modules that make connections; {@linkcode ./source_law.ts} says who may. */
export const NETWORK_MODULES = /^(?:node:(?:net|tls|https?|http2|dgram)|npm:\/?(?:ws|undici)@.*)$/;

/** Too heavy for `--version` and `--help`: loaded when first needed, by `import()`. */
const HEAVY = [
  "@azure/core-rest-pipeline",
  "@azure/identity",
  "@azure/msal-node",
  "@inquirer/prompts",
  "@peculiar/x509",
  "ssh2",
  "sshpk",
  "ws",
  "yaml",
  "zod",
];

/** `npm:/@azure/identity@4.14.1/x` → `@azure/identity`. */
export function packageOf(name: string): string | undefined {
  return /^npm:\/?((?:@[^/]+\/)?[^@/]+)/.exec(name)?.[1];
}

/** Every import that the law forbids. */
export function checkImportLaw(imports: readonly Import[]): Offence[] {
  const offences: Offence[] = [];
  for (const edge of imports) {
    const message = forbidden(edge) ?? forbiddenPackage(edge);
    if (message) offences.push({ file: edge.from, line: edge.line, message });
  }
  return [...offences, ...startUpWeight(imports)];
}

function forbidden({ from, to, typeOnly }: Import): string | undefined {
  if (isTest(from)) return undefined;
  const external = !isOurs(to);
  if (external && !/^(?:npm|node):/.test(to)) {
    return `${to}: dependencies come from npm, by the import map`;
  }
  if (isTest(to)) return `${to} is a test's, and only tests import that`;
  if (from.startsWith("scripts/")) return undefined;
  if (to.startsWith("scripts/")) {
    return `${to} is a script, and only scripts and tests import those`;
  }

  if (from.startsWith("cli/")) {
    return external || /^(?:cli|core)\//.test(to) || to === "plugins/defaults.ts" ||
        to === "deno.json"
      ? undefined
      : `${to}: cli knows core and plugins/defaults.ts, and no plugin by name`;
  }
  if (to.startsWith("cli/")) return `${to}: nothing imports cli`;
  if (from === "plugins/defaults.ts") {
    if (/^plugins\/[^/]+\/mod\.ts$/.test(to) || (to === "core/mod.ts" && typeOnly)) {
      return undefined;
    }
    return `${to}: plugins/defaults.ts lists plugins' mod.ts, and takes types from core/mod.ts`;
  }
  const plugin = /^plugins\/[^/]+\//.exec(from)?.[0];
  if (plugin) {
    if (external || to.startsWith(plugin)) return undefined;
    if (to !== "core/mod.ts") return `${to}: a plugin knows its own folder and core/mod.ts`;
    return typeOnly
      ? undefined
      : "core/mod.ts: a plugin takes types only (`import type`); values come from its context";
  }
  if (from === "mod.ts" || from.startsWith("core/")) {
    return external || to.startsWith("core/") || to === "deno.json"
      ? undefined
      : `${to}: core stands on itself alone`;
  }
  return `${from} is in no folder that the import law knows`;
}

function forbiddenPackage({ from, to }: Import): string | undefined {
  const name = packageOf(to);
  const door = name === undefined ? undefined : ONE_DOOR[name];
  return door === undefined || door === from || isTest(from) || from.startsWith("scripts/")
    ? undefined
    : `${name} is imported by ${door} alone, so that it can be exchanged there`;
}

/**
 * Heavy packages on the way of every start: what is reached from cli/main.ts without a handler
 * being called. main.ts itself loads the rest by `import()` (it sets the trust store up first),
 * so that its dynamic imports count as start-up.
 */
function startUpWeight(imports: readonly Import[]): Offence[] {
  const main = "cli/main.ts";
  const reached = new Map([[main, main]]);
  const offences: Offence[] = [];
  for (const [file, way] of reached) {
    for (const edge of imports) {
      if (edge.from !== file || edge.typeOnly || (edge.dynamic && file !== main)) continue;
      const name = packageOf(edge.to);
      if (name !== undefined && HEAVY.includes(name)) {
        offences.push({
          file,
          line: edge.line,
          message: `${name} is loaded at every start (${way}); import() it where it is needed`,
        });
      }
      if (isOurs(edge.to) && !reached.has(edge.to)) {
        reached.set(edge.to, `${way} → ${edge.to}`);
      }
    }
  }
  return offences;
}
