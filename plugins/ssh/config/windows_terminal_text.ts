import type { CommandContext, OptionValues } from "../../../core/mod.ts";
import { settingWords, targetWords } from "../native/proxy_words.ts";
import type { HostBlock } from "./host_block.ts";

/** What `bastion ssh` takes as well. */
const SESSION = ["auth-type", "ssh-key", "host-key-check", "known-hosts"];

/** A fragment for Windows Terminal: a profile for each VM, which starts `bastion ssh`. */
export function windowsTerminalText(
  blocks: readonly HostBlock[],
  given: OptionValues,
  ctx: Pick<CommandContext, "platform" | "selfCommand">,
): string {
  const profiles = blocks.flatMap(({ host, user, target }) => {
    if (target === undefined) return [];
    const words = [
      "ssh",
      ...settingWords(given).filter((word) => word !== "--quiet"),
      ...targetWords(target).filter((word) => word !== "--no-check"),
      ...SESSION.flatMap((name) => {
        const value = given[name];
        return typeof value === "string" ? [`--${name}=${value}`] : [];
      }),
      ...(user === undefined ? [] : [`--username=${user}`]),
    ];
    const commandline = ctx.platform.commandLine(ctx.selfCommand(words));
    return [{ name: host.replace(/\.bastion$/, ""), commandline, suppressApplicationTitle: true }];
  });
  return `${JSON.stringify({ profiles }, undefined, 2)}\n`;
}
