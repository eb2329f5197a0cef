import assert from "node:assert/strict";
import { readTokenAnswer } from "./token_answer.ts";

const good = { authToken: "auth-1", nodeId: "node-1", websocketToken: "ws-1" };

Deno.test("a token answer is its three values; what else is there does not matter", () => {
  const answer = readTokenAnswer(JSON.stringify({ ...good, more: [1], "__proto__": null }));
  using authToken = answer.authToken;
  using websocketToken = answer.websocketToken;
  assert.equal(authToken.reveal(), "auth-1");
  assert.equal(websocketToken.reveal(), "ws-1");
  assert.equal(answer.nodeId, "node-1");
});

const bad: [string, string, string][] = [
  ["nothing", "", "it is not JSON"],
  ["a page", "<html></html>", "it is not JSON"],
  ["null", "null", "it is not a JSON object"],
  ["a text", '"authToken"', "it is not a JSON object"],
  ["a list", "[]", "it has no nodeId"],
  ["no authToken", JSON.stringify({ ...good, authToken: undefined }), "it has no authToken"],
  ["an empty token", JSON.stringify({ ...good, websocketToken: "" }), "it has no websocketToken"],
  ["a token that is a number", JSON.stringify({ ...good, authToken: 7 }), "it has no authToken"],
  [
    "half a surrogate pair",
    JSON.stringify({ ...good, websocketToken: "\ud800" }),
    "its websocketToken is malformed",
  ],
  [
    "a token that leads elsewhere",
    JSON.stringify({ ...good, authToken: ".." }),
    "its authToken is malformed",
  ],
  [
    "a nodeId with a header behind it",
    JSON.stringify({ ...good, nodeId: "n\r\nX: y" }),
    "its nodeId is malformed",
  ],
  [
    "a nodeId without end",
    JSON.stringify({ ...good, nodeId: "n".repeat(1025) }),
    "its nodeId is malformed",
  ],
];
for (const [name, body, problem] of bad) {
  Deno.test(`a token answer with ${name} cannot be used`, () => {
    assert.throws(() => readTokenAnswer(body), { code: "token-unreadable", params: { problem } });
  });
}
