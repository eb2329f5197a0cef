/** What all hosts have in common, by the options of `ssh-config`. */

import type { BastionHost, CommandContext, OptionValues } from "../../../core/mod.ts";
import { checkUser } from "../check_user.ts";
import { keyPath } from "../key_path.ts";
import { pathSetting } from "../native/ssh_setting.ts";
import { type ConfigSignIn, configSignIn } from "./config_sign_in.ts";
import { controlSettings } from "./control_settings.ts";

export type SharedSettings = ConfigSignIn;

/** @param host finds the bastion host that `--auth-type` is asked for */
export async function sharedSettings(
  options: OptionValues,
  given: OptionValues,
  host: () => Promise<BastionHost>,
  ctx: CommandContext,
): Promise<SharedSettings> {
  const common = [
    "ServerAliveInterval=30",
    "ServerAliveCountMax=3",
    // Without it ssh waits for a server's first words for ever.
    "ConnectTimeout=60",
    ...await controlSettings(options, ctx),
  ];
  const { username, "auth-type": authType, "ssh-key": key } = options;
  if (typeof username === "string") checkUser(username, ctx);
  if (typeof authType === "string") {
    const { settings, ...signIn } = await configSignIn(authType, await host(), options, given, ctx);
    return { ...signIn, settings: [...userSettings(signIn.user), ...settings, ...common] };
  }
  const user = typeof username === "string" ? username : undefined;
  const keys = typeof key === "string" ? [pathSetting("IdentityFile", keyPath(key, ctx), ctx)] : [];
  return {
    ...(user === undefined ? {} : { user }),
    settings: [...userSettings(user), ...keys, ...common],
  };
}

function userSettings(user: string | undefined): string[] {
  return user === undefined ? [] : [`User=${user}`];
}
