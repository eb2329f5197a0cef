/** Which subscription is meant. */

import { bastionError } from "../errors.ts";
import { isRecord } from "../record.ts";
import { printable } from "../secret.ts";
import type { ArmClient } from "./arm_client.ts";

const API_VERSION = "2022-12-01";
const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

export interface Subscription {
  readonly id: string;
  readonly name: string;
  /** Id of the tenant that it is in, where Azure tells. */
  readonly tenant?: string;
  /** As Azure has it: `Enabled`, `Warned`, `PastDue`. */
  readonly state?: string;
}

/**
 * The id of the subscription that `given` (an id or a name) means; without it, the only one that
 * the credential may see.
 * @param list every subscription; not asked for where an id is given
 * @throws BastionError `subscription-not-found`, `subscription-missing`
 */
export async function findSubscription(
  list: () => Promise<readonly Subscription[]>,
  given: string | undefined,
): Promise<string> {
  if (given !== undefined && GUID.test(given)) return given.toLowerCase();
  const all = await list();
  if (given !== undefined) {
    const named = all.filter(({ name }) => name.toLowerCase() === given.toLowerCase());
    const [found] = named;
    if (!found) {
      throw bastionError("subscription-not-found", { subscription: printable(given, 80) });
    }
    if (named.length > 1) {
      const ids = named.map(({ id }) => id).join(", ");
      throw bastionError("subscription-missing", { found: `${given} names several: ${ids}` });
    }
    return found.id;
  }
  const [only] = all;
  if (!only || all.length > 1) {
    throw bastionError("subscription-missing", {
      found: only ? `the credential sees ${all.length}: ${names(all)}` : "the credential sees none",
    });
  }
  return only.id;
}

/** Those that are not switched off. */
export async function listSubscriptions(
  arm: Pick<ArmClient, "list">,
  signal?: AbortSignal,
): Promise<Subscription[]> {
  const items = await arm.list("/subscriptions", API_VERSION, "the subscriptions", signal);
  return items.flatMap((item) => {
    if (!isRecord(item)) return [];
    const { subscriptionId: id, displayName: name, tenantId, state } = item;
    // It becomes a part of paths.
    if (typeof id !== "string" || !/^[\w-]{1,100}$/.test(id) || typeof name !== "string") return [];
    if (typeof state === "string" && /^(?:disabled|deleted)$/i.test(state)) return [];
    return [{
      id,
      name: printable(name, 200),
      ...(typeof tenantId === "string" ? { tenant: printable(tenantId, 80) } : {}),
      ...(typeof state === "string" ? { state: printable(state, 40) } : {}),
    }];
  });
}

/** A sentence that names more is not read. */
const MOST_NAMED = 10;

function names(all: readonly Subscription[]): string {
  const more = all.length - MOST_NAMED;
  const named = all.slice(0, MOST_NAMED).map(({ name }) => name).join(", ");
  return more > 0 ? `${named} and ${more} more` : named;
}
