/** What the options of every command and the config file come to for the app. */

import { dirname } from "node:path";
import type { Cloud } from "../core/azure/cloud.ts";
import { readCloud } from "../core/azure/read_cloud.ts";
import type { Setting } from "../core/config/configuration.ts";
import type { OptionValue, OptionValues } from "../core/plugin/plugin.ts";
import type { Settings } from "../core/settings.ts";
import type { TargetAlias } from "../core/target/target_alias.ts";
import type { ProgramConfiguration } from "./configuration.ts";

/** @throws BastionError `cloud-file-invalid` */
export function appSettings(
  options: OptionValues,
  configuration: Pick<ProgramConfiguration, "file" | "section" | "profile">,
): Settings {
  const text = (name: string) => {
    const value = options[name];
    return typeof value === "string" ? value : undefined;
  };
  const { file, profile } = configuration;
  const given = {
    caFile: text("ca-file"),
    cloud: text("cloud"),
    credential: text("credential"),
    tokenCommand: text("token-command"),
    profile,
  };
  return {
    ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)),
    memoryOnly: options["no-cache"] === true,
    leaveAzCache: options["no-az-cache"] === true,
    refresh: options["refresh"] === true,
    aliases: new Map(
      [...grouped(configuration.section("aliases"))].map(([name, { values }]) => [
        name,
        values as unknown as TargetAlias,
      ]),
    ),
    clouds: [...grouped(configuration.section("clouds"))].map(([name, { values, line }]): Cloud =>
      readCloud({ name, ...values }, {
        label: `${file}:${line} (the cloud ${name})`,
        directory: dirname(file),
      })
    ),
    plugins: new Map(
      [...grouped(configuration.section("plugins"))].map(([name, { values }]) => [name, values]),
    ),
  };
}

interface Group {
  readonly values: Record<string, OptionValue>;
  /** Where the first of them stands. */
  readonly line: number;
}

/** The values of a section, by the name that each stands under. */
function grouped(settings: readonly Setting[]): Map<string, Group> {
  const groups = new Map<string, Group>();
  for (const { path: [, name, key], value, source } of settings) {
    if (name === undefined || key === undefined) continue;
    const line = "line" in source ? source.line : 1;
    const group = groups.get(name) ?? { values: {}, line };
    groups.set(name, group);
    group.values[key] = value;
  }
  return groups;
}
