/** Checks the import law and the source law over the whole tree: `deno run -A scripts/check_imports.ts`. */

import { join } from "node:path";
import { checkImportLaw, NETWORK_MODULES, type Offence } from "./import_law.ts";
import { readModuleGraph } from "./module_graph.ts";
import { isTest, projectRoot, sourceFiles } from "./project_files.ts";
import { checkSource, mayPass, networkExceptions } from "./source_law.ts";

export interface Findings {
  readonly offences: readonly Offence[];
  readonly warnings: readonly Offence[];
  /** Files looked at. */
  readonly files: number;
}

/** Every offence of the tree under `root`. */
export async function checkTree(root = projectRoot): Promise<Findings> {
  const files = sourceFiles(root);
  const graph = await readModuleGraph(root, files);
  const decisions = await readDecisions(join(root, "docs/decisions"));
  const offences: Offence[] = graph.problems.map((message) => ({ file: "", line: 0, message }));
  const warnings: Offence[] = [];
  offences.push(...checkImportLaw(graph.imports));
  for (const { from, line, to, typeOnly } of graph.imports) {
    if (typeOnly || !NETWORK_MODULES.test(to) || isTest(from)) continue;
    if (mayPass(from, networkExceptions)) continue;
    offences.push({ file: from, line, message: `${to}: sockets are core/net's` });
  }
  for (const file of files) {
    const found = checkSource(file, await Deno.readTextFile(join(root, file)), decisions);
    offences.push(...found.offences);
    warnings.push(...found.warnings);
  }
  return { offences, warnings, files: files.length };
}

async function readDecisions(folder: string): Promise<string> {
  const texts: string[] = [];
  try {
    for await (const entry of Deno.readDir(folder)) {
      if (entry.isFile) texts.push(await Deno.readTextFile(join(folder, entry.name)));
    }
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  return texts.join("\n");
}

function show(kind: string, { file, line, message }: Offence): void {
  console.error(`${kind}: ${file ? `${file}:${line}: ` : ""}${message}`);
}

if (import.meta.main) {
  const { offences, warnings, files } = await checkTree();
  for (const warning of warnings) show("warning", warning);
  for (const offence of offences) show("error", offence);
  console.error(`import law: ${files} files, ${offences.length} offences`);
  if (offences.length > 0) Deno.exit(1);
}
