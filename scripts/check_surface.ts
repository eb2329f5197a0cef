/**
 * The exported surface of core/mod.ts and mod.ts, as signatures, in docs/reference/surface.txt:
 * a change of what plugins may rely on is seen in review, and never happens by accident.
 *
 * `deno run -A scripts/check_surface.ts` compares; `--update` rewrites.
 */

import { dirname, join } from "node:path";
import { blankSource } from "./blank_source.ts";
import { findStale, writeGenerated } from "./in_step.ts";
import { projectRoot, sourceFiles } from "./project_files.ts";
import { runDeno } from "./run_deno.ts";

const SNAPSHOT = "docs/reference/surface.txt";
const FACES = ["core/mod.ts", "mod.ts"];

/** The snapshot's text: the signatures of each face, in the words of `deno doc`. */
export async function describeSurface(root = projectRoot): Promise<string> {
  // Documentation is no part of the surface: the sources are read without their comments.
  const bare = await Deno.makeTempDir({ prefix: "bastion_surface_" });
  try {
    const files = sourceFiles(root).filter((file) => file === "mod.ts" || file.startsWith("core/"));
    for (const file of files) {
      await Deno.mkdir(dirname(join(bare, file)), { recursive: true });
      const source = await Deno.readTextFile(join(root, file));
      await Deno.writeTextFile(join(bare, file), blankSource(source, "comments"));
    }
    await Deno.copyFile(join(root, "deno.json"), join(bare, "deno.json"));
    const parts: string[] = [];
    for (const face of FACES.filter((name) => files.includes(name))) {
      const doc = await runDeno("doc", "--config", join(bare, "deno.json"), join(bare, face));
      parts.push(`# ${face}\n\n${signatures(doc)}`);
    }
    return `${parts.join("\n")}`;
  } finally {
    await Deno.remove(bare, { recursive: true });
  }
}

/** `deno doc`'s text without the places where things are defined. */
export function signatures(doc: string): string {
  const lines = doc.split("\n").filter((line) => !line.startsWith("Defined in "));
  return `${lines.join("\n").replace(/\n{2,}(?= {2})/g, "\n").replace(/\n{3,}/g, "\n\n").trim()}\n`;
}

interface DocSymbol {
  readonly name: string;
  readonly declarations: readonly { readonly declarationKind: string }[];
}

interface Doc {
  readonly nodes: Readonly<Record<string, { readonly symbols: readonly DocSymbol[] }>>;
}

/**
 * Types of the core that exported ones are made of, without being exported themselves: a change in
 * them changes the surface, and the snapshot would not show it.
 */
export async function hiddenTypes(root: string, face: string): Promise<string[]> {
  const doc = JSON.parse(await runDeno("doc", "--json", join(root, face))) as Doc;
  const symbols = Object.values(doc.nodes).flatMap((node) => node.symbols).filter(
    ({ declarations }) => declarations.some((one) => one.declarationKind !== "private"),
  );
  const exported = new Set(symbols.map(({ name }) => name));
  const hidden = new Set<string>();
  for (const symbol of symbols) {
    for (const used of localTypes(symbol)) {
      if (!exported.has(used)) hidden.add(`${symbol.name} uses ${used}`);
    }
  }
  return [...hidden].sort();
}

/** The names of types that are resolved within the project, anywhere in a piece of `deno doc --json`. */
function localTypes(value: unknown): string[] {
  if (typeof value !== "object" || value === null) return [];
  const nested = Object.values(value).flatMap(localTypes);
  if (!("typeName" in value) || !("resolution" in value)) return nested;
  const resolution = value.resolution as { readonly kind?: string; readonly specifier?: string };
  const ours = resolution.kind === "local" ||
    (resolution.kind === "import" && resolution.specifier?.startsWith("."));
  return ours ? [String(value.typeName), ...nested] : nested;
}

if (import.meta.main) {
  const files = { [SNAPSHOT]: await describeSurface() };
  const update = Deno.args.includes("--update");
  const stale = update
    ? await writeGenerated(projectRoot, files)
    : await findStale(projectRoot, files);
  const hidden = await hiddenTypes(projectRoot, "core/mod.ts");
  for (const what of hidden) console.error(`error: core/mod.ts: ${what}, which it does not export`);
  if (stale.length > 0) {
    console.error(
      update
        ? `${SNAPSHOT} rewritten`
        : `error: the exported surface differs from ${SNAPSHOT}. If that is meant: deno run -A scripts/check_surface.ts --update`,
    );
  } else console.error("surface: in step");
  if (!update && (hidden.length > 0 || stale.length > 0)) Deno.exit(1);
}
