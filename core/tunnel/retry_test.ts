import assert from "node:assert/strict";
import { type BastionError, bastionError } from "../errors.ts";
import { parseRetryAfter, retryDelay } from "./retry.ts";

const target = "app/web1:22";
const refused = (status: number) => bastionError("token-refused", { status, detail: "", target });
const closed = (code: number) => bastionError("peer-closed", { code, detail: "" });

const table: [string, BastionError, boolean][] = [
  ["403 from the token endpoint", bastionError("token-forbidden", { detail: "", target }), false],
  ["404", bastionError("token-not-found", { detail: "", target }), false],
  ["400", refused(400), false],
  ["500", refused(500), true],
  ["503", refused(503), true],
  ["429", bastionError("token-throttled", { detail: "" }), true],
  ["401, with a fresh access token", bastionError("token-unauthorized", { detail: "" }), true],
  ["a broken handshake", bastionError("upgrade-broken", { problem: "" }), true],
  ["a refused upgrade", bastionError("upgrade-refused", { status: 502, detail: "" }), true],
  ["a forbidden upgrade", bastionError("upgrade-forbidden", { detail: "" }), false],
  ["a truncated answer", bastionError("http-truncated", { host: "", problem: "" }), true],
  ["a reset", bastionError("peer-cut", { how: "" }), true],
  ["Close 1011", closed(1011), false],
  ["Close 1012", closed(1012), true],
  ["Close 1013", closed(1013), true],
  [
    "an untrusted certificate",
    bastionError("tls-untrusted", { host: "", via: "", problem: "" }),
    false,
  ],
];
for (const [name, error, again] of table) {
  Deno.test(`retry: ${name} is ${again ? "" : "not "}tried again`, () => {
    const delay = retryDelay({ error, attempts: 1, elapsed: 0, random: 0.5 });
    assert.equal(delay !== undefined, again);
  });
}

Deno.test("retry: three attempts, within twenty seconds, further and further apart", () => {
  const error = refused(503);
  const at = (attempts: number, elapsed: number, random = 1) =>
    retryDelay({ error, attempts, elapsed, random });
  assert.equal(at(1, 0), 250);
  assert.equal(at(2, 0), 500);
  assert.equal(at(3, 0), undefined);
  assert.equal(at(1, 20_000), undefined);
  assert.equal(at(1, 0, 0), 125);
});

Deno.test("retry: Retry-After is obeyed, or ends it where it is too long", () => {
  const error = bastionError("token-throttled", { detail: "" });
  error.retryAfter = 3_000;
  assert.equal(retryDelay({ error, attempts: 1, elapsed: 0, random: 0 }), 3_000);
  error.retryAfter = 60_000;
  assert.equal(retryDelay({ error, attempts: 1, elapsed: 0, random: 0 }), undefined);
});

Deno.test("retry: a defect of ours is never tried again", () => {
  const error = new TypeError("x");
  assert.equal(retryDelay({ error, attempts: 1, elapsed: 0, random: 0 }), undefined);
});

Deno.test("Retry-After is seconds or a date", () => {
  const now = new Date("2026-01-01T00:00:00Z");
  assert.equal(parseRetryAfter("7", now), 7_000);
  assert.equal(parseRetryAfter("Thu, 01 Jan 2026 00:00:09 GMT", now), 9_000);
  assert.equal(parseRetryAfter("Wed, 31 Dec 2025 00:00:00 GMT", now), 0);
  assert.equal(parseRetryAfter("soon", now), undefined);
  assert.equal(parseRetryAfter(null, now), undefined);
});
