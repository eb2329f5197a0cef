/**
 * Writes the pages of docs/reference from the code: `deno run -A scripts/generate_reference.ts`;
 * with `--check` it fails where a committed page is not what the code says.
 */

import { join } from "node:path";
import { exitCodeOfKind, exitCodes } from "../cli/exit_codes.ts";
import { globalOptions } from "../cli/global_options.ts";
import { errors } from "../core/error_catalogue.ts";
import { hookTable } from "../core/plugin/hooks.ts";
import { defaults } from "../plugins/defaults.ts";
import { findStale, type GeneratedFiles, writeGenerated } from "./in_step.ts";
import { projectRoot } from "./project_files.ts";
import { commandsPage } from "./reference/commands_page.ts";
import { errorsPage } from "./reference/errors_page.ts";
import { exitCodesPage } from "./reference/exit_codes_page.ts";
import { hooksPage } from "./reference/hooks_page.ts";
import { barePluginContext } from "./reference/plugin_context.ts";

export async function generateReference(): Promise<GeneratedFiles> {
  const plugins = await Promise.all(defaults.map((factory) => factory(barePluginContext())));
  const catalogues = [
    { owner: "core", errors },
    ...plugins.map((plugin) => ({ owner: plugin.name, errors: plugin.errors ?? {} })),
  ];
  const source = await Deno.readTextFile(join(projectRoot, "core/plugin/hooks.ts"));
  return {
    "docs/reference/commands.md": commandsPage(plugins, globalOptions),
    "docs/reference/errors.md": errorsPage(catalogues, exitCodeOfKind),
    "docs/reference/exit-codes.md": exitCodesPage(exitCodes),
    "docs/reference/hooks.md": hooksPage({ hookTable, source: source.replaceAll("\r\n", "\n") }),
  };
}

if (import.meta.main) {
  const files = await generateReference();
  if (Deno.args.includes("--check")) {
    const stale = await findStale(projectRoot, files);
    for (const path of stale) {
      console.error(`error: ${path} is not what the code says. Run: deno task docs`);
    }
    if (stale.length > 0) Deno.exit(1);
    console.error("reference: in step");
  } else {
    for (const path of await writeGenerated(projectRoot, files)) console.error(`${path} rewritten`);
  }
}
