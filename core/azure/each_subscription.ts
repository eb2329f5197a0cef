import { isBastionError } from "../errors.ts";
import type { Logger } from "../logger.ts";

/**
 * What `list` finds in each subscription, together. One that may not be read is said, and does not
 * hide the others; where none may be read, the first refusal is thrown.
 * @param what names to the user what is listed
 * @throws BastionError `arm-…` and others
 */
export async function eachSubscription<Item>(
  subscriptions: readonly string[],
  what: string,
  log: Logger,
  list: (subscription: string) => Promise<readonly Item[]>,
): Promise<Item[]> {
  const found: Item[] = [];
  const refusals: Error[] = [];
  for (const subscription of subscriptions) {
    try {
      for (const item of await list(subscription)) found.push(item);
    } catch (error) {
      if (!isBastionError(error, "arm-forbidden", "credential-rejected")) throw error;
      refusals.push(error);
      log.warning(`${what} of a subscription cannot be read`, {
        subscription,
        problem: error.message,
      });
    }
  }
  const [first] = refusals;
  if (first && refusals.length === subscriptions.length) throw first;
  return found;
}
