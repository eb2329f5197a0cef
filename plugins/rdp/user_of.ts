/** Whom to sign in as, as the user has said it. */

import type { OptionValues, PluginContext } from "../../core/mod.ts";

/**
 * Threat: a line break in a name, from an alias or a plugin, would be one more setting of the .rdp
 * file, such as a drive of this computer that the VM may read.
 * @throws BastionError `rdp/user-…`
 */
export function userOf(
  { options, user }: { readonly options: OptionValues; readonly user?: string | undefined },
  { error }: Pick<PluginContext, "error">,
): string | undefined {
  const given = options["username"];
  const named = typeof given === "string" ? given : undefined;
  if (named !== undefined && user !== undefined && named !== user) {
    throw error("rdp/user-twice", { first: named, second: user });
  }
  const name = named ?? user;
  if (name !== undefined && /[\p{Cc}\p{Zl}\p{Zp}]|^-/u.test(name)) {
    throw error("rdp/user-odd", { user: JSON.stringify(name) });
  }
  return name;
}
