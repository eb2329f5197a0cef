/** What every lookup of one resolution shares: where is looked, and what earlier runs have found. */

import type { Inventory } from "../azure/inventory.ts";
import { findSubscription, type Subscription } from "../azure/subscription.ts";
import type { Lookup, LookupKey } from "./lookup_cache.ts";
import type { ResolveDoors } from "./resolve_doors.ts";
import { subscriptionsLookup } from "./subscriptions_lookup.ts";

export interface Search {
  readonly inventory: Inventory;
  readonly signal?: AbortSignal;
  /** Id of the subscription that the user named: nothing is looked for elsewhere. */
  readonly given?: string;
  /** That, or the one that the user works in, where there is one. */
  readonly preferred?: string;
  /** Every subscription that the credential sees. */
  all(): Promise<readonly Subscription[]>;
  /** What an earlier run has found, or what is found now. */
  find<Value>(lookup: Omit<Lookup<Value>, "signal">): Promise<Value>;
  /** The lookups that an earlier run has answered. */
  readonly kept: readonly LookupKey[];
}

/** @throws BastionError `subscription-…`, `arm-…`, `credential-…` */
export async function startSearch(
  request: { readonly subscription?: string; readonly signal?: AbortSignal },
  doors: Pick<ResolveDoors, "inventory" | "lookups" | "env" | "defaultSubscription">,
): Promise<Search> {
  const { signal } = request;
  const [inventory, lookups] = await Promise.all([doors.inventory(), doors.lookups()]);
  const kept: LookupKey[] = [];

  async function find<Value>(lookup: Omit<Lookup<Value>, "signal">): Promise<Value> {
    const found = await lookups.get({ ...lookup, ...(signal ? { signal } : {}) });
    if (found.kept) kept.push(lookup.key);
    return found.value;
  }

  let subscriptions: Promise<readonly Subscription[]> | undefined;
  const all = () =>
    subscriptions ??= find(subscriptionsLookup(() => inventory.subscriptions(signal)));

  const named = request.subscription ?? (doors.env("AZURE_SUBSCRIPTION_ID") || undefined);
  const preferred = named === undefined
    ? (await doors.defaultSubscription())?.toLowerCase()
    : await findSubscription(all, named);
  return {
    inventory,
    kept,
    all,
    find,
    ...(signal ? { signal } : {}),
    ...(preferred === undefined ? {} : { preferred }),
    ...(request.subscription === undefined || preferred === undefined ? {} : { given: preferred }),
  };
}
