import { join } from "node:path";
import type { Platform } from "../../platform.ts";
import { azureCliDirectory, readAzureCliFile } from "./azure_cli_files.ts";

/** The cloud that the Azure CLI is set to. */
export interface AzureCliCloud {
  readonly name: string;
  /** What the user has set for it; the CLI knows its own clouds' by itself. */
  readonly authority?: string;
  readonly resourceManager?: string;
}

/** The public one where nothing else is set. */
export async function activeAzureCliCloud(
  platform: Pick<Platform, "env" | "home">,
): Promise<AzureCliCloud> {
  const directory = azureCliDirectory(platform);
  const config = sections(await readAzureCliFile(join(directory, "config")) ?? "");
  const name = platform.env("AZURE_CLOUD_NAME") || config.get("cloud")?.get("name") || "AzureCloud";
  const clouds = sections(await readAzureCliFile(join(directory, "clouds.config")) ?? "");
  const authority = clouds.get(name)?.get("endpoint_active_directory");
  const resourceManager = clouds.get(name)?.get("endpoint_resource_manager");
  return {
    name,
    ...(authority ? { authority } : {}),
    ...(resourceManager ? { resourceManager } : {}),
  };
}

/** As much of an INI file as Python's configparser writes: sections, and keys in lower case. */
function sections(text: string): ReadonlyMap<string, ReadonlyMap<string, string>> {
  const found = new Map<string, Map<string, string>>();
  let current: Map<string, string> | undefined;
  for (const line of text.split(/\r?\n/)) {
    const [, section] = /^\[(.+)\]\s*$/.exec(line) ?? [];
    if (section !== undefined) {
      found.set(section, current = found.get(section) ?? new Map());
      continue;
    }
    const [, key, value] = /^([^\s#;=:][^=:]*?)\s*[=:]\s*(.*?)\s*$/.exec(line) ?? [];
    if (key !== undefined && value !== undefined) current?.set(key.toLowerCase(), value);
  }
  return found;
}
