/** What `bastion account show` does. */

import type { CommandHandler } from "../../core/mod.ts";

export const run: CommandHandler = async (_invocation, ctx) => {
  const accounts = await ctx.accounts();
  const { credential, username, tenant, cloud, expiresOn } = await accounts.current(ctx.signal);
  const id = await accounts.defaultSubscription();
  const name = id === undefined ? undefined : await nameOf(id);
  const expires = new Date(expiresOn).toISOString();
  ctx.out.result({
    username: username ?? null,
    credential,
    tenant: tenant ?? null,
    cloud,
    tokenExpires: expires,
    defaultSubscription: id === undefined ? null : { id, name: name ?? null },
  });
  ctx.out.line(`Account:       ${username ?? "(its token does not say)"}`);
  ctx.out.line(`Credential:    ${credential}`);
  ctx.out.line(`Tenant:        ${tenant ?? "(its token does not say)"}`);
  ctx.out.line(`Cloud:         ${cloud}`);
  ctx.out.line(`Subscription:  ${id === undefined ? "(none is the default)" : label(id, name)}`);
  ctx.out.line(`Token ends:    ${expires}, and is renewed before`);

  /** Undefined where this account does not see it. */
  async function nameOf(id: string): Promise<string | undefined> {
    const subscriptions = await (await ctx.inventory()).subscriptions(ctx.signal);
    return subscriptions.find((one) => one.id.toLowerCase() === id.toLowerCase())?.name;
  }
};

function label(id: string, name: string | undefined): string {
  return name === undefined ? `${id} (which this account does not see)` : `${name} (${id})`;
}
