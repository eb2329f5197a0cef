/** What `bastion login` does: sign in, find the subscriptions, choose the default one. */

import type {
  Account,
  CommandContext,
  CommandHandler,
  SignedIn,
  UserSignIn,
} from "../../core/mod.ts";
import { readRequest } from "./read_request.ts";

type Subscription = SignedIn["subscriptions"][number];

export const run: CommandHandler = async ({ options }, ctx) => {
  const request = await readRequest(options, ctx, showPlace(ctx));
  const accounts = await ctx.accounts();
  const { account, subscriptions, kept } = await accounts.signIn(request, ctx.signal);
  const chosen = await chooseDefault(subscriptions, ctx);
  if (kept) await accounts.setDefaultSubscription(chosen?.id);
  const { kind, username, tenant } = account;
  ctx.out.line(`Signed in as ${username}${tenant === undefined ? "" : ` (tenant ${tenant})`}.`);
  if (chosen) ctx.out.line(`Default subscription: ${chosen.name} (${chosen.id})`);
  ctx.out.result({
    kind,
    username,
    tenant: tenant ?? null,
    defaultSubscription: chosen?.id ?? null,
    subscriptions: subscriptions.map(({ id, name }) => ({
      id,
      name,
      isDefault: id === chosen?.id,
    })),
  });
  if (kept) await tellOfRival(account, ctx);
  else ctx.out.notice("Nothing was kept (--no-cache): the sign-in ends with this command.");
};

/** Where to sign in is not what was asked for: it goes to stderr, with --json and --quiet too. */
function showPlace(ctx: CommandContext): UserSignIn["show"] {
  return ({ url, code }) =>
    ctx.out.instruct(
      code === undefined
        ? `A browser has been opened to sign in. If you see none, open this address there:\n${url}`
        : `To sign in, open ${url} in any browser and type in the code ${code}`,
    );
}

async function chooseDefault(
  subscriptions: readonly Subscription[],
  ctx: CommandContext,
): Promise<Subscription | undefined> {
  const [first, ...others] = subscriptions;
  if (!first) {
    ctx.out.notice("This account sees no subscription yet: it needs a role, such as Reader.");
    return undefined;
  }
  if (others.length === 0) return first;
  const before = await (await ctx.accounts()).defaultSubscription();
  const kept = subscriptions.find(({ id }) => id === before);
  if (kept) return kept;
  if (ctx.prompt.available) {
    return await ctx.prompt.select({
      message: "Subscription to use where none is named",
      flag: "bastion account set --subscription",
      choices: subscriptions.map((one) => ({ label: one.name, detail: one.id, value: one })),
      signal: ctx.signal,
    });
  }
  ctx.out.notice(
    `There are ${subscriptions.length} subscriptions; the first by name is taken. ` +
      "Choose another: bastion account set --subscription NAME",
  );
  return first;
}

/** Other credentials may come before the one that was just made: nobody is to wonder about that. */
async function tellOfRival(account: Account, ctx: CommandContext): Promise<void> {
  let used: string;
  try {
    used = (await ctx.credential()).name;
  } catch (error) {
    ctx.log.debug("the credential of commands", { problem: error });
    return;
  }
  if (used.startsWith("login")) return;
  ctx.out.notice(
    `Commands use ${used}, which comes before ${account.username}. ` +
      "Unset its variables, or give --credential login.",
  );
}
