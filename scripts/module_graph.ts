/** Who imports whom, as Deno itself resolves it (`deno info --json`). */

import { join, relative, sep } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { runDeno } from "./run_deno.ts";

/** One import, export-from or `import()` of a file of ours. */
export interface Import {
  readonly from: string;
  /** From 1. */
  readonly line: number;
  /** A file of ours by its path from the root, or what Deno made of it: `npm:ws@8.23.0`, `node:net`. */
  readonly to: string;
  /** Leaves nothing behind at run time: `import type`, `export type`. */
  readonly typeOnly: boolean;
  readonly dynamic: boolean;
}

export interface ModuleGraph {
  readonly imports: readonly Import[];
  /** What could not be resolved or read, one sentence each. */
  readonly problems: readonly string[];
}

interface Resolved {
  readonly specifier?: string;
  readonly error?: string;
  readonly span: { readonly start: { readonly line: number } };
}

interface Info {
  readonly modules: readonly {
    readonly specifier: string;
    readonly error?: string;
    readonly dependencies?: readonly {
      readonly specifier: string;
      readonly code?: Resolved;
      readonly type?: Resolved;
      readonly isDynamic?: boolean;
    }[];
  }[];
}

/** @throws Error where Deno cannot read the graph at all */
export async function readModuleGraph(
  root: string,
  files: readonly string[],
): Promise<ModuleGraph> {
  // One graph over all files: `deno info` takes one root, so that one is made that imports them.
  const entry = await Deno.makeTempFile({ prefix: "bastion_graph_", suffix: ".ts" });
  try {
    const lines = files.map((file) =>
      `import ${JSON.stringify(pathToFileURL(join(root, file)).href)};`
    );
    await Deno.writeTextFile(entry, lines.join("\n"));
    const output = await runDeno("info", "--json", "--config", join(root, "deno.json"), entry);
    return toGraph(root, JSON.parse(output) as Info);
  } finally {
    await Deno.remove(entry);
  }
}

/** What `deno info --json` said, with paths from the root. */
export function toGraph(root: string, info: Info): ModuleGraph {
  const imports: Import[] = [];
  const problems: string[] = [];
  for (const module of info.modules) {
    const from = nameOf(root, module.specifier);
    if (module.error) problems.push(`${from} cannot be read: ${module.error}`);
    if (!isOurs(from)) continue;
    for (const dependency of module.dependencies ?? []) {
      const resolved = dependency.code ?? dependency.type;
      const line = (resolved?.span.start.line ?? 0) + 1;
      if (!resolved?.specifier) {
        const why = resolved?.error ?? "no such module";
        problems.push(`${from}:${line} imports ${dependency.specifier}: ${why}`);
        continue;
      }
      imports.push({
        from,
        line,
        to: nameOf(root, resolved.specifier),
        typeOnly: dependency.code === undefined,
        dynamic: dependency.isDynamic ?? false,
      });
    }
  }
  return { imports, problems };
}

/** Whether `name` is a path from the root, and no `npm:` or `node:` name, nor a file elsewhere. */
export function isOurs(name: string): boolean {
  return !/^[a-z]+:/.test(name) && !name.startsWith("..");
}

function nameOf(root: string, specifier: string): string {
  if (!specifier.startsWith("file:")) return specifier;
  return relative(root, fileURLToPath(specifier)).replaceAll(sep, "/");
}
