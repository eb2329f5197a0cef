import assert from "node:assert/strict";
import { readTokenOutput } from "./token_output.ts";

const NOW = Date.UTC(2030, 0, 1);
const HOUR = 3_600_000;
const END = (NOW + HOUR) / 1000;
const encode = (value: unknown) => btoa(JSON.stringify(value)).replace(/=+$/, "");
const JWT = `${encode({ alg: "none" })}.${encode({ exp: END })}.signature`;

Deno.test("readTokenOutput: a token as it is, or in JSON, with its end", () => {
  const unknown = NOW + 10 * 60_000;
  const cases: [output: string, token: string, expiresOn: number][] = [
    ["opaque-token-of-some-length\n", "opaque-token-of-some-length", unknown],
    [JWT, JWT, NOW + HOUR],
    [JSON.stringify({ accessToken: "t", expires_on: END }), "t", NOW + HOUR],
    [JSON.stringify({ accessToken: "t", expires_on: String(END) }), "t", NOW + HOUR],
    [JSON.stringify({ access_token: "t", expires_in: 3600 }), "t", NOW + HOUR],
    [JSON.stringify({ token: "t", expires_in: "3600" }), "t", NOW + HOUR],
    [JSON.stringify({ accessToken: JWT }), JWT, NOW + HOUR],
    [JSON.stringify({ accessToken: "t" }), "t", unknown],
    [JSON.stringify({ accessToken: "t", expiresOn: "soon", expires_on: -1 }), "t", unknown],
    // Ticks, or a mistake: no time that anything could say.
    [JSON.stringify({ accessToken: "t", expires_on: "638000000000000000" }), "t", unknown],
    [JSON.stringify({ accessToken: "t", expires_in: 1e300 }), "t", unknown],
    [
      // The local time, as az has it.
      JSON.stringify({ accessToken: "t", expiresOn: "2030-01-01 12:00:00.000000" }),
      "t",
      new Date(2030, 0, 1, 12).getTime(),
    ],
  ];
  for (const [output, token, expiresOn] of cases) {
    const read = readTokenOutput(output, NOW);
    assert.deepEqual([read?.token.reveal(), read?.expiresOn], [token, expiresOn], output);
  }
});

Deno.test("readTokenOutput: what is no token", () => {
  const bad = ["", "short", "Please sign in first.", "{", "{}", "[]", '{"accessToken":1}', "null"];
  for (const output of bad) assert.equal(readTokenOutput(output, NOW), undefined, output);
});
