import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { assertNoLeaks, findLeaks } from "./leak_check.ts";

const secret = 'p+ß/w"o rd=\\&x~12';
const other = "another-secret-value";

const base64 = (text: string) => Buffer.from(text, "utf8").toString("base64");
const leaking: Readonly<Record<string, string>> = {
  raw: `before ${secret} after`,
  "URL-encoded": `GET /api/tokens/${encodeURIComponent(secret)}?x`,
  "URL, lower case": encodeURIComponent(secret).replace(/%../g, (code) => code.toLowerCase()),
  form: `a=1&${new URLSearchParams({ client_secret: secret })}&b=2`,
  JSON: JSON.stringify({ authToken: secret }),
  "JSON twice": JSON.stringify({ body: secret }).replaceAll("/", "\\/"),
  "base64 alone": base64(secret),
  "base64 behind 1": base64(`u${secret}tail`),
  "base64 behind 2": base64(`u:${secret}`),
  "base64 behind 6, in a text": `Basic ${base64(`user1:${secret}…`)} and more`,
  base64url: base64(`x${secret}`).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, ""),
};

Deno.test("leak check: finds the secret in every spelling", () => {
  for (const [where, text] of Object.entries(leaking)) {
    const leaks = findLeaks({ clean: "nothing here", [where]: text }, [other, secret]);
    assert.deepEqual([...new Set(leaks.map((leak) => leak.where))], [where], where);
    assert.throws(() => assertNoLeaks({ [where]: text }, [secret]), /secrets were shown/, where);
  }
});

Deno.test("leak check: every alignment of base64, with any neighbours", () => {
  for (let before = 0; before < 7; before++) {
    for (let after = 0; after < 4; after++) {
      const text = base64("ü".repeat(before) + "a".repeat(before) + other + "z".repeat(after));
      assert.ok(findLeaks({ text }, [other]).length > 0, `${before} before, ${after} after`);
    }
  }
});

Deno.test("leak check: clean texts pass, and what cannot fail is refused", () => {
  assertNoLeaks({ stdout: "another secret value, [redacted]", stderr: "" }, [other, secret]);
  assert.throws(() => assertNoLeaks({ stdout: "x" }, []), /no secrets/);
  assert.throws(() => assertNoLeaks({ stdout: "x" }, ["short"]), /too short/);
});
