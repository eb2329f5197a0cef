import assert from "node:assert/strict";
import { errors } from "./error_catalogue.ts";
import { BastionError, bastionError, describeError, isBastionError, messageOf } from "./errors.ts";
import { redact, Secret } from "./secret.ts";

Deno.test("errors: every entry has a code, a message and a hint that stand as sentences", () => {
  for (const [code, { message, hint }] of Object.entries(errors)) {
    assert.match(code, /^[a-z]+(-[a-z0-9]+)*$/);
    // Both are whoever's that throws it.
    if (message === "{problem}" && hint === "{remedy}") continue;
    assert.match(message, /^[A-Z{].*([.]|\{\w+\})$/s, code);
    assert.match(hint, /^[A-Z{].*\S$/s, code);
  }
});

Deno.test("bastionError: fills in, once, and keeps what it was filled in with", () => {
  const cause = new Error("inner");
  const error = bastionError(
    "connect-failed",
    { host: "{via}", via: " by $&", problem: "x" },
    cause,
  );
  assert.equal(error.message, "{via} cannot be reached by $&: x");
  assert.equal(error.code, "connect-failed");
  assert.equal(error.exit, "network");
  assert.match(error.hint, /HTTPS_PROXY/);
  assert.equal(error.cause, cause);
  assert.deepEqual(error.params, { host: "{via}", via: " by $&", problem: "x" });
  assert.equal(error.name, "BastionError");
  assert.ok(!("cause" in bastionError("usage", { problem: "p", remedy: "r" })));
});

Deno.test("BastionError: a parameter that is missing stays as it is written", () => {
  const error = new BastionError("p/x", { exit: "plugin", message: "{a} {b}", hint: "{b}" }, {
    a: 1,
  });
  assert.equal(error.message, "1 {b}");
  assert.equal(error.hint, "{b}");
});

Deno.test("bastionError: a secret is in no part of it", () => {
  using _secret = new Secret("planted-secret");
  const error = bastionError("usage", { problem: "a planted-secret", remedy: "b planted-secret" });
  for (const text of [error.message, error.hint, error.stack ?? "", Deno.inspect(error)]) {
    assert.ok(!text.includes("planted-secret"), text);
  }
  assert.deepEqual(error.params, { problem: "a [redacted]", remedy: "b [redacted]" });
  assert.equal(redact(Deno.inspect(error)), Deno.inspect(error));
});

Deno.test("isBastionError: any of ours, or of the codes that are named", () => {
  const error = bastionError("local-port-taken", { address: "a", port: 1 });
  assert.ok(isBastionError(error));
  assert.ok(isBastionError(error, "dns-failed", "local-port-taken"));
  assert.ok(!isBastionError(error, "dns-failed"));
  assert.ok(!isBastionError(new Error("local-port-taken")));
});

Deno.test("messageOf: whatever was thrown, on one line, redacted", () => {
  const cases: [thrown: unknown, message: string][] = [
    [new Error("a\n  b "), "a b"],
    [new TypeError(""), "TypeError"],
    ["text", "text"],
    [undefined, "undefined"],
    [new Error("GET /api/tokens/abc"), "GET /api/tokens/[redacted]"],
  ];
  for (const [thrown, message] of cases) assert.equal(messageOf(thrown), message);
});

Deno.test("describeError: what an event told stays what it was, thrown or as it stands", () => {
  const told = { code: "dns-failed", message: "m", hint: "h", exit: "network" } as const;
  assert.deepEqual(describeError(told), told);
  assert.deepEqual(describeError(Object.assign(new Error("m"), told)), told);
  assert.equal(describeError(Object.assign(new Error("m"), { code: "x" })).code, "unexpected");
});
