/** The subscription that a user's word means. Pure. */

import type { SignedIn } from "../../core/mod.ts";

type Subscription = SignedIn["subscriptions"][number];

/** All that it may mean: one, none or several. An id goes before a name; case does not matter. */
export function findSubscriptions(
  word: string,
  subscriptions: readonly Subscription[],
): readonly Subscription[] {
  const same = (text: string) => text.toLowerCase() === word.trim().toLowerCase();
  const byId = subscriptions.filter(({ id }) => same(id));
  return byId.length > 0 ? byId : subscriptions.filter(({ name }) => same(name));
}
