import type { HostBlock } from "./host_block.ts";
import { settingLine } from "./setting_line.ts";

/** As ssh's configuration has it. What follows is for all hosts again. */
export function opensshText(blocks: readonly HostBlock[]): string {
  return `${blocks.map(blockText).join("")}Match all\n`;
}

function blockText({ patterns, settings, renewal }: HostBlock): string {
  const own = `Host ${patterns}\n${settings.map(settingLine).join("")}`;
  if (renewal === undefined) return own;
  const { hosts, command, include } = renewal;
  return `${own}Match originalhost ${hosts} exec "${command}"\n  Include "${include}"\n`;
}
