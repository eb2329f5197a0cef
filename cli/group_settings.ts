import type { Setting } from "../core/config/configuration.ts";
import type { OptionValue } from "../core/plugin/plugin.ts";

export interface SettingsGroup {
  readonly values: Record<string, OptionValue>;
  /** Where the first of them stands. */
  readonly line: number;
}

/** The settings of a section of the config file, by the name that each stands under. */
export function groupSettings(settings: readonly Setting[]): Map<string, SettingsGroup> {
  const groups = new Map<string, SettingsGroup>();
  for (const { path: [, name, key], value, source } of settings) {
    if (name === undefined || key === undefined) continue;
    const line = "line" in source ? source.line : 1;
    const group = groups.get(name) ?? { values: {}, line };
    groups.set(name, group);
    group.values[key] = value;
  }
  return groups;
}
