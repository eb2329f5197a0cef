/** What the options of every command and the config file come to for the app. */

import type { Cloud } from "../core/azure/cloud.ts";
import type { OptionValues } from "../core/plugin/plugin.ts";
import type { Settings } from "../core/settings.ts";
import type { TargetAlias } from "../core/target/target_alias.ts";
import type { ProgramConfiguration } from "./configuration.ts";
import { configuredClouds } from "./configured_clouds.ts";
import { groupSettings } from "./group_settings.ts";

/** What asks it for the clouds is thrown BastionError `cloud-file-invalid` where one is not right. */
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
      [...groupSettings(configuration.section("aliases"))].map(([name, { values }]) => [
        name,
        values as unknown as TargetAlias,
      ]),
    ),
    // One that is not right matters where a cloud is wanted: not to what mends the file.
    get clouds(): readonly Cloud[] {
      return configuredClouds(configuration.section("clouds"), file);
    },
    plugins: new Map(
      [...groupSettings(configuration.section("plugins"))].map((
        [name, { values }],
      ) => [name, values]),
    ),
  };
}
