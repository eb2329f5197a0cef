import { parseResourceId } from "./resource_id.ts";

/** The id of the VNet that `id` (a VNet's, or one of its subnets') is about, in lower case. Pure. */
export function networkId(id: unknown): string | undefined {
  const parsed = typeof id === "string" ? parseResourceId(id) : undefined;
  const [name] = parsed?.names ?? [];
  if (!parsed || !name || !/^microsoft\.network\/virtualnetworks(\/|$)/i.test(parsed.type)) {
    return undefined;
  }
  return `/subscriptions/${parsed.subscription}/resourcegroups/${parsed.resourceGroup}/providers/microsoft.network/virtualnetworks/${name}`
    .toLowerCase();
}
