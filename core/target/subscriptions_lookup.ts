/** The subscriptions that a credential sees, as a lookup that every run shares. */

import type { Subscription } from "../azure/subscription.ts";
import { isRecord } from "../record.ts";
import type { Lookup } from "./lookup_cache.ts";

export function subscriptionsLookup(
  look: () => Promise<readonly Subscription[]>,
): Lookup<readonly Subscription[]> {
  return {
    key: ["subscriptions"],
    is: isSubscriptions,
    look: async () => (await look()).map(({ id, name }) => ({ id: id.toLowerCase(), name })),
  };
}

function isSubscriptions(value: unknown): value is readonly Subscription[] {
  return Array.isArray(value) &&
    value.every((one) =>
      isRecord(one) && typeof one["id"] === "string" && typeof one["name"] === "string"
    );
}
