import assert from "node:assert/strict";
import { fakeArm } from "../../tests/helpers/fake_arm.ts";
import { bastionError } from "../errors.ts";
import { isRecord } from "../record.ts";
import { askResourceGraph } from "./resource_graph.ts";

const ask = (answer: (body: unknown) => unknown, subscriptions = ["s-1"]) => {
  const arm = fakeArm((_path, { body }) => answer(body));
  const rows = askResourceGraph(arm, subscriptions, ["a/b"], { x: "properties.x" }, "things");
  return { arm, rows };
};

Deno.test("askResourceGraph: many subscriptions are asked about in parts", async () => {
  const subscriptions = Array.from({ length: 2_001 }, (_, i) => `s-${i}`);
  const { rows } = ask(
    (body) => ({
      data: [{
        asked: isRecord(body) && Array.isArray(body["subscriptions"]) &&
          body["subscriptions"].length,
      }],
    }),
    subscriptions,
  );
  assert.deepEqual(await rows, [{ asked: 1_000 }, { asked: 1_000 }, { asked: 1 }]);
  const nothing = ask(() => ({ data: [{}] }), []);
  assert.deepEqual(await nothing.rows, []);
  assert.deepEqual(nothing.arm.asked, []);
});

Deno.test("askResourceGraph: where it may not be asked there is no answer, and no error", async () => {
  const refusals = [
    bastionError("arm-forbidden", { resource: "x", detail: "" }),
    bastionError("arm-refused", { resource: "x", status: 400, detail: "" }),
  ];
  for (const refusal of refusals) {
    const { rows } = ask(() => {
      throw refusal;
    });
    assert.equal(await rows, undefined);
  }
  assert.equal(await ask(() => undefined).rows, undefined);
  const throttled = bastionError("arm-throttled", { resource: "x", detail: "" });
  await assert.rejects(
    ask(() => {
      throw throttled;
    }).rows,
    throttled,
  );
});

Deno.test("askResourceGraph: what is no answer, or has no end", async () => {
  for (const answer of [[], "x", {}, { data: {} }]) {
    await assert.rejects(ask(() => answer).rows, { code: "arm-unreadable" });
  }
  const endless = ask(() => ({ data: [], $skipToken: "again" }));
  await assert.rejects(endless.rows, { code: "arm-unreadable", message: /it has no end/ });
  assert.equal(endless.arm.asked.length, 500);
});
