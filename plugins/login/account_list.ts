/** What `bastion account list` does. */

import type { CommandHandler } from "../../core/mod.ts";

export const run: CommandHandler = async (_invocation, ctx) => {
  const inventory = await ctx.inventory();
  const accounts = await ctx.accounts();
  const [subscriptions, chosen, { tenant, cloud }] = await Promise.all([
    inventory.subscriptions(ctx.signal),
    accounts.defaultSubscription(),
    accounts.current(ctx.signal),
  ]);
  const rows = [...subscriptions].sort((a, b) => a.name.localeCompare(b.name, "en")).map((one) => ({
    id: one.id,
    name: one.name,
    tenant: one.tenant ?? tenant ?? null,
    cloud,
    state: one.state ?? null,
    isDefault: one.id.toLowerCase() === chosen?.toLowerCase(),
  }));
  ctx.out.result({ subscriptions: rows });
  const width = Math.max(0, ...rows.map(({ name }) => name.length));
  for (const { id, name, tenant, state, isDefault } of rows) {
    const odd = state === null || state === "Enabled" ? "" : `  ${state}`;
    const where = tenant === null ? "" : `  tenant ${tenant}`;
    ctx.out.line(`${isDefault ? "*" : " "} ${name.padEnd(width)}  ${id}${where}${odd}`);
  }
  if (rows.length === 0) ctx.out.notice("This account sees no subscription.");
};
