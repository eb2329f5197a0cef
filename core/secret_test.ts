import assert from "node:assert/strict";
import { inspect } from "node:util";
import { printable, redact, Secret } from "./secret.ts";

Deno.test("Secret: prints as [redacted] wherever a program may print it", () => {
  using secret = new Secret("s3cr3t-value");
  const shown = [
    String(secret),
    `${secret}`,
    "" + secret,
    JSON.stringify({ secret }),
    Deno.inspect({ deep: [secret] }),
    inspect({ deep: [secret] }, { showHidden: true }),
    JSON.stringify(Object.entries(secret)),
    JSON.stringify(structuredClone({ ...secret })),
  ];
  for (const text of shown) assert.ok(!text.includes("s3cr3t"), text);
  assert.equal(shown[0], "[redacted]");
  assert.equal(secret.reveal(), "s3cr3t-value");
  assert.equal(secret.length, 12);
});

const AWKWARD = 'p"a\\s/s+w=ö rd%&?';

Deno.test("redact: takes a living secret out of a text, in every spelling it could leak in", () => {
  using _secret = new Secret(AWKWARD);
  const base64 = btoa(String.fromCharCode(...new TextEncoder().encode(AWKWARD)));
  const encoded = encodeURIComponent(AWKWARD);
  const spellings = [
    AWKWARD,
    encoded,
    encoded.replace(/%../g, (c) => c.toLowerCase()),
    new URLSearchParams({ v: AWKWARD }).toString().slice(2),
    JSON.stringify(AWKWARD).slice(1, -1),
    base64,
    base64.replace(/=+$/, ""),
    base64.replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, ""),
  ];
  for (const spelling of spellings) {
    assert.match(redact(`a ${spelling} b ${spelling}.`), /^a \[redacted\]=* b \[redacted\]=*\.$/);
  }
});

Deno.test("redact: a secret within a secret does not leave the rest of the longer one", () => {
  using _token = new Secret("inner-token");
  using _path = new Secret("/way/inner-token?node=outer-part");
  assert.equal(redact("GET /way/inner-token?node=outer-part failed"), "GET [redacted] failed");
  assert.equal(redact("inner-token"), "[redacted]");
});

Deno.test("redact: a value is looked for until every secret that holds it is disposed of", () => {
  const first = new Secret("shared-value");
  const second = new Secret("shared-value");
  first[Symbol.dispose]();
  first[Symbol.dispose]();
  assert.equal(redact("a shared-value"), "a [redacted]");
  second[Symbol.dispose]();
  assert.equal(redact("a shared-value"), "a shared-value");
});

Deno.test("redact: values too short to be told from words are left, odd and huge ones are no trouble", () => {
  using _short = new Secret("abc");
  using _broken = new Secret("half a pair \ud800 of it");
  using _huge = new Secret("x".repeat(300_000));
  assert.equal(redact("abc"), "abc");
  assert.equal(redact("half a pair \ud800 of it"), "[redacted]");
  assert.equal(redact(`<${"x".repeat(300_000)}>`), "<[redacted]>");
});

const JWT = "eyJ0eXAiOiJKV1Qi.eyJhdWQiOiJodHRw.c2lnbmF0dXJl-_x";

Deno.test("redact: what looks like a credential goes although nobody registered it", () => {
  const cases: [given: string, expected: string][] = [
    ["https://b/api/tokens/abc%2Fdef?x=1", "https://b/api/tokens/[redacted]?x=1"],
    ["(wss://b/webtunnelv2/abc)", "(wss://b/webtunnelv2/[redacted])"],
    ["/omni/webtunnel/abc", "/omni/webtunnel/[redacted]"],
    ["POST /api/tokens failed", "POST /api/tokens failed"],
    [`token ${JWT}.`, "token [redacted]."],
    ["resourceId=a&aztoken=abc&b=c", "resourceId=a&aztoken=[redacted]&b=c"],
    ['{"access_token":"abc","n":1}', '{"access_token":"[redacted]","n":1}'],
    ['"{\\"authToken\\":\\"abc"', '"{\\"authToken\\":\\"[redacted]"'],
    ["{ websocketToken: 'abc' }", "{ websocketToken: '[redacted]' }"],
    ["client_secret = abc", "client_secret = [redacted]"],
    ["Authorization: Bearer abcdefgh.ij", "Authorization: Bearer [redacted]"],
    ["Proxy-Authorization: Basic dXNlcjpwdw==", "Proxy-Authorization: Basic [redacted]"],
    ["http://me:p@ss:w@proxy:8080/", "http://me:[redacted]@proxy:8080/"],
    ["https://host:443/a", "https://host:443/a"],
    ["bastion host hub has the SKU Basic, which", "bastion host hub has the SKU Basic, which"],
  ];
  for (const [given, expected] of cases) {
    assert.equal(redact(given), expected);
    assert.equal(redact(redact(given)), expected, "again");
  }
});

Deno.test("printable: nothing in it drives a terminal or turns the line around", () => {
  const cases: [given: string, expected: string][] = [
    ["plain ä 日本 😀", "plain ä 日本 😀"],
    ["two\r\nlines\tand", "two  lines and"],
    ["\u001b[31mred\u0007", "\\u001b[31mred\\u0007"],
    ["\u009b2J\u007f", "\\u009b2J\\u007f"],
    ["a\u2028b\u202ec\u2066d\u200ee", "a\\u2028b\\u202ec\\u2066d\\u200ee"],
  ];
  for (const [given, expected] of cases) assert.equal(printable(given), expected);
});

Deno.test("printable: is cut, though never within a secret", () => {
  assert.equal(printable("x".repeat(500)), `${"x".repeat(300)}…`);
  assert.equal(printable("abcdef", 3), "abc…");
  using _secret = new Secret("long-secret-value");
  assert.equal(printable("echo: long-secret-value", 14), "echo: [redacte…");
});
