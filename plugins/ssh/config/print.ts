/** What `bastion ssh-config print` does. */

import type { CommandContext, CommandHandler, Invocation } from "../../../core/mod.ts";
import { ansibleText } from "./ansible_text.ts";
import type { HostBlock } from "./host_block.ts";
import { jsonDocument } from "./json_document.ts";
import { opensshText } from "./openssh_text.ts";
import { givenOptions } from "./own_command.ts";
import { planBlocks } from "./plan_blocks.ts";
import { windowsTerminalText } from "./windows_terminal_text.ts";

const COMMAND = "ssh-config print";

export const run: CommandHandler = async (invocation, ctx) => {
  const { options } = invocation;
  const format = String(options["format"]);
  // They know no wildcards.
  const all = options["all"] === true || format === "ansible" || format === "windows-terminal";
  const blocks = await planBlocks(invocation, COMMAND, all, ctx);
  const text = await textOf(format, blocks, invocation, ctx);
  ctx.out.result({ format, ...jsonDocument(blocks), text });
  for (const line of text.trimEnd().split("\n")) ctx.out.line(line);
};

async function textOf(
  format: string,
  blocks: readonly HostBlock[],
  { options }: Invocation,
  ctx: CommandContext,
): Promise<string> {
  switch (format) {
    case "ansible":
      return await ansibleText(blocks, ctx);
    case "windows-terminal":
      return windowsTerminalText(blocks, givenOptions(options, COMMAND, ctx), ctx);
    case "json":
      return JSON.stringify(jsonDocument(blocks), undefined, 2);
    default:
      return opensshText(blocks);
  }
}
