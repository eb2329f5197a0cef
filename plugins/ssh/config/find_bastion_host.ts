/** A bastion host for what is asked for all VMs behind it: it says in which tenant. */

import type { BastionHost, CommandContext, Invocation } from "../../../core/mod.ts";

/** The one that is named, or any of those that there are: they must be of one tenant. */
export async function findBastionHost(
  { target: asked = {} }: Pick<Invocation, "target">,
  ctx: CommandContext,
): Promise<BastionHost> {
  const inventory = await ctx.inventory();
  const { bastionHost = "", resourceGroup, subscription } = asked;
  if (bastionHost.startsWith("/")) return await readBastionHost(bastionHost, ctx);
  const subscriptions = subscription === undefined
    ? (await inventory.subscriptions(ctx.signal)).map(({ id }) => id)
    : [await inventory.subscription(subscription, ctx.signal)];
  const wanted = [...(resourceGroup === undefined ? [] : [resourceGroup]), bastionHost].join("/");
  const hosts = (await inventory.bastionHosts(subscriptions, ctx.signal)).filter((host) =>
    `/${host.resourceGroup}/${host.name}`.toLowerCase().endsWith(`/${wanted.toLowerCase()}`) ||
    bastionHost === ""
  );
  const [host] = hosts;
  if (host !== undefined && new Set(hosts.map(({ tenant }) => tenant)).size === 1) return host;
  const problem = host ? "several tenants have some" : "there is none";
  throw ctx.error("ssh/config-no-host", { problem });
}

/** @param id as ssh's configuration has it */
export async function readBastionHost(id: string, ctx: CommandContext): Promise<BastionHost> {
  const [, subscription, resourceGroup, name] =
    /^\/subscriptions\/([^/]+)\/resourceGroups\/([^/]+)\/providers\/Microsoft\.Network\/bastionHosts\/([^/]+)\/*$/i
      .exec(id) ?? [];
  if (subscription === undefined || resourceGroup === undefined || name === undefined) {
    throw ctx.error("ssh/config-no-host", { problem: `${JSON.stringify(id)} is none` });
  }
  const inventory = await ctx.inventory();
  return await inventory.bastionHost({ subscription, resourceGroup, name }, ctx.signal);
}
