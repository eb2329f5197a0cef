import type { PluginContext } from "../../core/mod.ts";

/** Whoever has named it, Entra's certificate as well: ssh puts it into commands of the user's own. */
export function checkUser(user: string | undefined, ctx: Pick<PluginContext, "error">): void {
  const plain = /^[^\s\p{Cc}"'`$\\;&<>|(){}-][^\s\p{Cc}"'`$;&<>|(){}]*$/u;
  if (user !== undefined && !plain.test(user)) {
    throw ctx.error("ssh/user-odd", { user: JSON.stringify(user) });
  }
}
