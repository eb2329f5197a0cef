/** What `bastion config path` does. */

import type { CommandHandler } from "../../core/mod.ts";

export const run: CommandHandler = (_invocation, { out, configuration }) => {
  const { file, exists } = configuration;
  out.line(file);
  out.result({ file, exists });
  if (!exists) out.notice("There is no such file yet; nothing needs it.");
  return Promise.resolve();
};
