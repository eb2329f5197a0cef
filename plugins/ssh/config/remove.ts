/** What `bastion ssh-config remove` does. */

import type { CommandHandler } from "../../../core/mod.ts";
import { readConfigFile, writeConfigFile } from "./config_file.ts";
import { configPath } from "./config_path.ts";
import { removeControlDirectory } from "./control_settings.ts";
import { removeKeys } from "./remove_keys.ts";

export const run: CommandHandler = async ({ options }, ctx) => {
  const before = await readConfigFile(configPath(options, ctx), ctx);
  const changed = before.block !== undefined;
  const backup = changed ? await writeConfigFile(before, before.rest, ctx) : undefined;
  await removeKeys(before.block ?? "", "", ctx);
  await removeControlDirectory(ctx);
  ctx.out.result({ file: before.path, changed, backup: backup ?? null });
  ctx.out.line(changed ? `${before.path} is as it was.` : `${before.path} has nothing of ours.`);
  if (backup !== undefined) ctx.out.notice(`What was there before: ${backup}`);
};
