/** What `bastion logout` does. */

import type { CommandHandler } from "../../core/mod.ts";

export const run: CommandHandler = async ({ options }, ctx) => {
  const username = options["username"];
  const accounts = await ctx.accounts();
  const gone = await accounts.signOut(typeof username === "string" ? username : undefined);
  for (const account of gone) ctx.out.line(`Signed out: ${account.username}`);
  if (gone.length === 0) {
    ctx.out.notice(
      typeof username === "string"
        ? `${username} was not signed in.`
        : "Nobody was signed in by bastion login.",
    );
  }
  ctx.out.result({ signedOut: gone.map(({ kind, username }) => ({ kind, username })) });
};
