/** What `bastion ssh-config install` does. */

import type { CommandHandler } from "../../../core/mod.ts";
import { type ConfigFile, readConfigFile, writeConfigFile } from "./config_file.ts";
import { configPath } from "./config_path.ts";
import { Buffer } from "node:buffer";
import { removeKeys } from "./remove_keys.ts";
import { withMarked } from "./marked_block.ts";
import { namedHosts } from "./named_hosts.ts";
import { opensshText } from "./openssh_text.ts";
import { planBlocks } from "./plan_blocks.ts";

export const run: CommandHandler = async (invocation, ctx) => {
  const { options } = invocation;
  const path = configPath(options, ctx);
  // What is wrong with it is told before Azure is asked.
  const before: ConfigFile = await readConfigFile(path, ctx);
  const blocks = await planBlocks(invocation, "ssh-config install", options["all"] === true, ctx);
  const block = Buffer.from(opensshText(blocks)).toString("latin1");
  const next = withMarked(before.rest, block);
  const hosts = blocks.map(({ host }) => host);
  const changed = next !== before.text;
  const backup = changed ? await writeConfigFile(before, next, ctx) : undefined;
  await removeKeys(before.block ?? "", block, ctx);
  ctx.out.result({ file: before.path, changed, backup: backup ?? null, hosts });
  ctx.out.line(
    changed ? `${before.path} knows ${namedHosts(hosts)}.` : `${before.path} has it all already.`,
  );
  if (backup !== undefined) ctx.out.notice(`What was there before: ${backup}`);
};
