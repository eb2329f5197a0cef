import assert from "node:assert/strict";
import { readTokenAnswer, type TokenAnswer } from "../../../core/tunnel/token_answer.ts";
import { declaredCode, type FuzzTarget } from "../target.ts";

const answer = (fields: object) =>
  JSON.stringify({
    authToken: "AAAA0001",
    nodeId: "node-1",
    websocketToken: "BBBB0002",
    ...fields,
  });

/** What a server answers to `POST /api/tokens`. */
export const tokenAnswerTarget: FuzzTarget = {
  name: "token-answer",
  maxLength: 4096,
  tokens: [
    '"authToken":',
    '"nodeId":',
    '"websocketToken":',
    '"__proto__":',
    "\\ud800",
    "\\u0000",
    "\\r\\n",
    '".."',
    "null",
    "[",
    "{",
    "}",
    ",",
    "1e999",
  ],
  seeds: [
    answer({}),
    answer({ websocketToken: "a/b?c#d%&=+ \u00e9" }),
    answer({ nodeId: "a\r\nX: y" }),
    answer({ authToken: ".." }),
    answer({ websocketToken: "\ud800" }),
    answer({ authToken: 1, more: [{}] }),
    "<html><title>Sign in</title></html>",
    "null",
    "[]",
  ],
  run(input) {
    let tokens: TokenAnswer;
    try {
      tokens = readTokenAnswer(new TextDecoder().decode(input));
    } catch (error) {
      return `${declaredCode(error, "token-unreadable")}: ${
        String(error).replace(/.*cannot be used/s, "")
      }`;
    }
    using authToken = tokens.authToken;
    using websocketToken = tokens.websocketToken;
    // What the session makes of them must be a URL and a header, and lead nowhere else.
    for (const token of [authToken, websocketToken]) {
      const encoded = encodeURIComponent(token.reveal());
      const url = new URL(`https://hub.example/api/tokens/${encoded}`);
      assert.equal(url.pathname, `/api/tokens/${encoded}`);
      assert.equal(decodeURIComponent(url.pathname.slice("/api/tokens/".length)), token.reveal());
    }
    new Headers({ "X-Node-Id": tokens.nodeId });
    return "tokens";
  },
};
