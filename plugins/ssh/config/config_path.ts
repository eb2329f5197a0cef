import { join } from "node:path";
import type { CommandContext, OptionValues } from "../../../core/mod.ts";

/** Where the user's ssh configuration is, or the file that he names. */
export function configPath(
  { file }: OptionValues,
  { platform }: Pick<CommandContext, "platform">,
): string {
  return typeof file === "string" ? file : join(platform.home, ".ssh", "config");
}
