import assert from "node:assert/strict";
import { fakeArm } from "../../tests/helpers/fake_arm.ts";
import { findSubscription, listSubscriptions } from "./subscription.ts";

const DEV = "aaaaaaaa-0000-0000-0000-000000000001";
const PROD = "aaaaaaaa-0000-0000-0000-000000000002";

/** How often they were asked for is counted. */
function listing(...items: unknown[]) {
  const arm = fakeArm(() => ({ value: items }));
  return { arm, all: () => listSubscriptions(arm) };
}

const subscription = (subscriptionId: unknown, displayName: unknown) => ({
  subscriptionId,
  displayName,
});

Deno.test("findSubscription: an id is taken as it is, without a question", async () => {
  const { arm, all } = listing();
  assert.equal(await findSubscription(all, DEV.toUpperCase()), DEV);
  assert.deepEqual(arm.asked, []);
});

Deno.test("findSubscription: a name, in any case; without one, the only one", async () => {
  const { arm, all } = listing(
    subscription(DEV, "Dev"),
    subscription(PROD, "Prod"),
    null,
    {},
    subscription(1, "x"),
  );
  assert.equal(await findSubscription(all, "PROD"), PROD);
  assert.deepEqual(arm.asked, ["LIST /subscriptions"]);
  assert.equal(await findSubscription(listing(subscription(DEV, "Dev")).all, undefined), DEV);
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
    await assert.rejects(findSubscription(listing(...items).all, given), { code, message });
  }
});

Deno.test("listSubscriptions: those that are switched off, or malformed, are left out", async () => {
  const { all } = listing(
    { ...subscription(DEV, "Dev"), state: "Enabled" },
    { ...subscription(PROD, "Off"), state: "Disabled" },
    { ...subscription(PROD, "Gone"), state: "Deleted" },
    subscription("../x", "climbs"),
    { ...subscription(PROD, "Late\u001b[2J"), state: "PastDue" },
  );
  assert.deepEqual(await all(), [
    { id: DEV, name: "Dev", state: "Enabled" },
    { id: PROD, name: "Late\\u001b[2J", state: "PastDue" },
  ]);
});
