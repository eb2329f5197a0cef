/** The config file's word on an option of every command, before anything of the file is checked. */

import { dirname } from "node:path";
import { readConfigValue } from "../core/config/check_config.ts";
import { findNode } from "../core/config/config_node.ts";
import type { OpenedConfig } from "../core/config/open_config.ts";
import type { Option, OptionValue } from "../core/plugin/plugin.ts";

/** Nothing where it says nothing, or nothing that can be read: that is said when it is checked. */
export function previewConfig(
  { file, root, profile }: OpenedConfig,
  option: Option,
  home: string,
): OptionValue | undefined {
  const profiled = profile === undefined ? [] : [["profiles", profile, option.name]];
  for (const path of [...profiled, [option.name]]) {
    const node = root && findNode(root, path)?.value;
    if (node?.kind !== "scalar" || node.text === undefined) continue;
    const reading = { directory: dirname(file), home, choicesOf: () => [] };
    const read = readConfigValue(option, node.text, reading);
    if ("value" in read) return read.value;
  }
  return undefined;
}
