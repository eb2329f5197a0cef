import assert from "node:assert/strict";
import type { HttpResponse } from "../net/http_client.ts";
import type { Target } from "../target/target.ts";
import { OVERSIZED_TOKEN, sessionRefusal } from "./session_refusal.ts";

const target = { label: "app/web1:22" } as unknown as Target;

function refusal(status: number, tokenSize: number) {
  const response: HttpResponse = {
    status,
    headers: new Headers(),
    body: new Uint8Array(),
    text: () => '{"message":"The request is invalid."}',
  };
  return sessionRefusal(response, target, tokenSize, new Date(0));
}

const cases: readonly [status: number, tokenSize: number, code: string][] = [
  [400, OVERSIZED_TOKEN, "token-refused"],
  [400, OVERSIZED_TOKEN + 1, "token-oversized"],
  [413, OVERSIZED_TOKEN + 1, "token-oversized"],
  [431, OVERSIZED_TOKEN + 1, "token-oversized"],
  [401, OVERSIZED_TOKEN + 1, "token-unauthorized"],
  [403, OVERSIZED_TOKEN + 1, "token-forbidden"],
  // It passes by itself, and is tried again.
  [500, OVERSIZED_TOKEN + 1, "token-refused"],
];

for (const [status, size, code] of cases) {
  Deno.test(`HTTP ${status} to a token of ${size} bytes is ${code}`, () => {
    assert.equal(refusal(status, size).code, code);
  });
}

Deno.test("a token that is too large is named with its size, the answer and what helps", () => {
  const { message, hint, exit } = refusal(400, 9_000);
  assert.match(
    message,
    /too large for Azure Bastion: 9000 bytes \(HTTP 400: The request is invalid/,
  );
  assert.match(hint, /fewer groups/);
  assert.equal(exit, "credential");
});
