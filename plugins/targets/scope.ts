import type { CommandContext, Inventory, OptionValues } from "../../core/mod.ts";

/** What is listed: which subscriptions, and whose group a resource may be in. */
export interface Scope {
  /** Ids. */
  readonly subscriptions: readonly string[];
  /** For people, by id. */
  readonly names: ReadonlyMap<string, string>;
  includes(resource: { readonly resourceGroup: string }): boolean;
}

/** @throws BastionError `subscription-not-found` and others */
export async function readScope(
  options: OptionValues,
  inventory: Inventory,
  ctx: CommandContext,
): Promise<Scope> {
  const all = await inventory.subscriptions(ctx.signal);
  const given = options["subscription"] ?? (ctx.platform.env("AZURE_SUBSCRIPTION_ID") || undefined);
  const group = options["resource-group"];
  const wanted = typeof group === "string" ? group.toLowerCase() : undefined;
  return {
    subscriptions: typeof given === "string"
      ? [await inventory.subscription(given, ctx.signal)]
      : all.map(({ id }) => id),
    names: new Map(all.map(({ id, name }) => [id.toLowerCase(), name])),
    includes: ({ resourceGroup }) => wanted === undefined || resourceGroup.toLowerCase() === wanted,
  };
}

/** The column that tells subscriptions apart, where there are several. */
export function subscriptionColumn(
  resources: readonly { readonly subscription: string }[],
  { names }: Scope,
): ((resource: { readonly subscription: string }) => string) | undefined {
  const [first] = resources;
  const several = resources.some(({ subscription }) => subscription !== first?.subscription);
  return several
    ? ({ subscription }) => names.get(subscription.toLowerCase()) ?? subscription
    : undefined;
}
