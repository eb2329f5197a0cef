import assert from "node:assert/strict";
import { BastionError, bastionError } from "./errors.ts";
import { keepFailure, readFailure } from "./kept_failure.ts";
import { Secret } from "./secret.ts";

Deno.test("a failure of the catalogue's comes back as it was, by way of a file", () => {
  const failure = bastionError("vm-not-found", { vm: "app/web1", subscription: "dev" });
  const read = readFailure(JSON.parse(JSON.stringify(keepFailure(failure))));
  assert.deepEqual(
    [read?.code, read?.message, read?.hint, read?.exit, read?.params],
    [failure.code, failure.message, failure.hint, failure.exit, failure.params],
  );
});

Deno.test("no secret is in what is kept of a failure", () => {
  const secret = new Secret("planted~Secret.value");
  const failure = bastionError("vm-not-found", { vm: secret.reveal(), subscription: "dev" });
  assert.doesNotMatch(JSON.stringify(keepFailure(failure)), /planted/);
});

Deno.test("what the catalogue does not hold is neither kept nor read", () => {
  const foreign = new BastionError("plugin/x", { exit: "plugin", message: "m", hint: "h" }, {});
  for (const error of [foreign, new Error("x"), new DOMException("enough", "AbortError"), 7]) {
    assert.equal(keepFailure(error), undefined);
  }
  const params = { vm: "a", subscription: "b" };
  const odd = [
    undefined,
    null,
    7,
    "vm-not-found",
    { code: "plugin/x", params },
    { code: "toString", params },
    { code: "vm-not-found" },
    { code: "vm-not-found", params: { vm: {} } },
  ];
  for (const value of odd) assert.equal(readFailure(value), undefined, JSON.stringify(value));
});
