import assert from "node:assert/strict";
import { bastionError, isBastionError } from "../errors.ts";
import { explainClose } from "./explain_close.ts";

const closed = (code: number) => bastionError("peer-closed", { code, detail: ": no" });

Deno.test("a quick end is a refusal, a late one silence; the words say what was seen", () => {
  const messages = [0, 2_999, 3_000, 21_040].map((ms) => {
    const error = explainClose(closed(1011), "app/web1:22", ms);
    return isBastionError(error) ? `${error.code}: ${error.message}` : error;
  });
  const refused = "target-refused: app/web1:22 refuses connections, as a closed port does " +
    "(WebSocket close 1011: no).";
  const silent = (seconds: number) =>
    `target-unreachable: Azure Bastion could not reach app/web1:22, and gave up after ${seconds} s, ` +
    "as with a filtered port (WebSocket close 1011: no).";
  assert.deepEqual(messages, [refused, refused, silent(3), silent(21)]);
});

Deno.test("what says nothing about the target stays as it is", () => {
  for (const error of [closed(1012), bastionError("peer-cut", { how: "RST" }), new Error("x"), 1]) {
    assert.equal(explainClose(error, "app/web1:22", 0), error);
  }
});
