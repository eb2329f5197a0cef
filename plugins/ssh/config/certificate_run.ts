/** What `bastion ssh-certificate` does: ssh's `Match exec` asks whether the block is for it. */

import type { CommandHandler } from "../../../core/mod.ts";
import { anyTarget } from "./config_sign_in.ts";
import { readBastionHost } from "./find_bastion_host.ts";
import { renewKey } from "./kept_key.ts";

export const run: CommandHandler = async ({ options, args: [name = ""] }, ctx) => {
  const { bastion, username, "auth-type": authType, "ssh-key": key } = options;
  await renewKey(name, async () => {
    const host = await readBastionHost(String(bastion), ctx);
    return await ctx.signIn(String(authType), {
      target: anyTarget(host),
      signal: ctx.signal,
      ...(typeof username === "string" ? { user: username } : {}),
      ...(typeof key === "string" ? { key } : {}),
    });
  }, ctx);
};
