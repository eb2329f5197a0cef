import assert from "node:assert/strict";
import { findSubscriptions } from "./find_subscription.ts";

Deno.test("findSubscriptions: an id goes before a name, and case does not matter", () => {
  const dev = { id: "A1", name: "Dev" };
  const twin = { id: "B2", name: "dev" };
  const odd = { id: "C3", name: "a1" };
  const all = [dev, twin, odd];
  assert.deepEqual(findSubscriptions("a1", all), [dev]);
  assert.deepEqual(findSubscriptions(" DEV ", all), [dev, twin]);
  assert.deepEqual(findSubscriptions("c3", all), [odd]);
  assert.deepEqual(findSubscriptions("De", all), []);
});
