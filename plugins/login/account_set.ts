/** What `bastion account set` does. */

import type { CommandHandler } from "../../core/mod.ts";
import { findSubscriptions } from "./find_subscription.ts";

export const run: CommandHandler = async ({ options }, ctx) => {
  const word = String(options["subscription"]);
  const inventory = await ctx.inventory();
  const subscriptions = await inventory.subscriptions(ctx.signal);
  const [found, ...others] = findSubscriptions(word, subscriptions);
  if (!found) throw ctx.error("subscription-not-found", { subscription: word });
  if (others.length > 0) {
    const ids = [found, ...others].map(({ id }) => id).join(", ");
    throw ctx.error("subscription-missing", { found: `${word} names several: ${ids}` });
  }
  await (await ctx.accounts()).setDefaultSubscription(found.id);
  ctx.out.line(`Default subscription: ${found.name} (${found.id})`);
  ctx.out.result({ id: found.id, name: found.name });
};
