/**
 * Writes the pages of docs/reference, and schemas/, from the code: `deno run -A scripts/generate_reference.ts`;
 * with `--check` it fails where a committed page is not what the code says.
 */

import { join } from "node:path";
import { exitCodeOfKind, exitCodes } from "../cli/exit_codes.ts";
import { globalOptions } from "../cli/global_options.ts";
import { errors } from "../core/error_catalogue.ts";
import { configJsonSchema } from "../core/config/config_json_schema.ts";
import { configShape } from "../core/config/config_shape.ts";
import { hookTable } from "../core/plugin/hooks.ts";
import { createRegistry } from "../core/plugin/registry.ts";
import { withTarget } from "../core/plugin/with_target.ts";
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
  const complete = plugins.map((plugin) => ({
    ...plugin,
    ...(plugin.commands ? { commands: plugin.commands.map(withTarget) } : {}),
  }));
  const entries = [...createRegistry(plugins).commandEntries.values()];
  const shape = configShape({
    globalOptions,
    commands: entries.map(({ command }) => command),
    plugins,
  });
  const source = await Deno.readTextFile(join(projectRoot, "core/plugin/hooks.ts"));
  return {
    "docs/reference/commands.md": commandsPage(complete, globalOptions),
    "docs/reference/errors.md": errorsPage(catalogues, exitCodeOfKind),
    "docs/reference/exit-codes.md": exitCodesPage(exitCodes),
    "docs/reference/hooks.md": hooksPage({ hookTable, source: source.replaceAll("\r\n", "\n") }),
    "schemas/config.schema.json": `${JSON.stringify(configJsonSchema(shape), null, 2)}\n`,
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
