/** Which subscription is meant. */

import { bastionError } from "../errors.ts";
import { isRecord } from "../record.ts";
import type { ArmClient } from "./arm_client.ts";

const API_VERSION = "2022-12-01";
const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

export interface Subscription {
  readonly id: string;
  readonly name: string;
}

/**
 * The id of the subscription that `given` (an id or a name) means; without it, the only one that
 * the credential may see.
 * @throws BastionError `subscription-not-found`, `subscription-missing`
 */
export async function findSubscription(
  arm: ArmClient,
  given: string | undefined,
  signal?: AbortSignal,
): Promise<string> {
  if (given !== undefined && GUID.test(given)) return given.toLowerCase();
  const all = await listSubscriptions(arm, signal);
  if (given !== undefined) {
    const named = all.filter(({ name }) => name.toLowerCase() === given.toLowerCase());
    const [found] = named;
    if (!found) throw bastionError("subscription-not-found", { subscription: given });
    if (named.length > 1) {
      const ids = named.map(({ id }) => id).join(", ");
      throw bastionError("subscription-missing", { found: `${given} names several: ${ids}` });
    }
    return found.id;
  }
  const [only] = all;
  if (!only || all.length > 1) {
    throw bastionError("subscription-missing", {
      found: only
        ? `the credential sees ${all.length}: ${all.map(({ name }) => name).join(", ")}`
        : "the credential sees none",
    });
  }
  return only.id;
}

export async function listSubscriptions(
  arm: ArmClient,
  signal?: AbortSignal,
): Promise<Subscription[]> {
  const items = await arm.list("/subscriptions", API_VERSION, "the subscriptions", signal);
  return items.flatMap((item) => {
    if (!isRecord(item)) return [];
    const { subscriptionId: id, displayName: name } = item;
    return typeof id === "string" && typeof name === "string" ? [{ id, name }] : [];
  });
}
