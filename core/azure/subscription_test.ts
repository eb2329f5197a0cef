import assert from "node:assert/strict";
import type { ArmClient } from "./arm_client.ts";
import { findSubscription } from "./subscription.ts";

const DEV = "aaaaaaaa-0000-0000-0000-000000000001";
const PROD = "aaaaaaaa-0000-0000-0000-000000000002";

/** Resource Manager with these subscriptions; `lists` counts how often they were asked for. */
function armWith(...items: unknown[]): ArmClient & { lists: number } {
  const arm = {
    lists: 0,
    get: () => Promise.reject(new Error("nothing is got here")),
    list(path: string) {
      assert.equal(path, "/subscriptions");
      arm.lists++;
      return Promise.resolve(items);
    },
  };
  return arm;
}

const subscription = (subscriptionId: unknown, displayName: unknown) => ({
  subscriptionId,
  displayName,
});

Deno.test("findSubscription: an id is taken as it is, without a question", async () => {
  const arm = armWith();
  assert.equal(await findSubscription(arm, DEV.toUpperCase()), DEV);
  assert.equal(arm.lists, 0);
});

Deno.test("findSubscription: a name, in any case; without one, the only one", async () => {
  const arm = armWith(
    subscription(DEV, "Dev"),
    subscription(PROD, "Prod"),
    null,
    {},
    subscription(1, "x"),
  );
  assert.equal(await findSubscription(arm, "PROD"), PROD);
  assert.equal(await findSubscription(armWith(subscription(DEV, "Dev")), undefined), DEV);
});

Deno.test("findSubscription: what is not clear is said, with what there is", async () => {
  const both = [subscription(DEV, "Same"), subscription(PROD, "same")];
  const cases: [items: unknown[], given: string | undefined, code: string, message: RegExp][] = [
    [both, "other", "subscription-not-found", /no subscription other /],
    [both, "same", "subscription-missing", new RegExp(`same names several: ${DEV}, ${PROD}`)],
    [both, undefined, "subscription-missing", /sees 2: Same, same/],
    [[], undefined, "subscription-missing", /sees none/],
  ];
  for (const [items, given, code, message] of cases) {
    await assert.rejects(findSubscription(armWith(...items), given), { code, message });
  }
});
