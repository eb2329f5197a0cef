import assert from "node:assert/strict";
import {
  beginsWithHttp,
  MAX_HEAD,
  parseUpgradeAnswer,
  problemOfUpgrade,
} from "../../../core/tunnel/webtunnel/handshake.ts";
import type { FuzzTarget } from "../target.ts";

const ACCEPT = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";
const GOOD = `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
  `Sec-WebSocket-Accept: ${ACCEPT}\r\n\r\n`;

/** The first byte says where the answer is cut; the rest is the answer. */
export const handshakeTarget: FuzzTarget = {
  name: "handshake",
  maxLength: MAX_HEAD + 1024,
  tokens: [
    "HTTP/1.1 ",
    "\r\n\r\n",
    "Upgrade: websocket\r\n",
    "Connection: Upgrade, Keep-Alive\r\n",
    `Sec-WebSocket-Accept: ${ACCEPT}\r\n`,
    "Sec-WebSocket-Extensions: permessage-deflate\r\n",
    "Sec-WebSocket-Protocol: x\r\n",
    "Content-Length: 5\r\n",
    ": ",
  ],
  seeds: [
    `~${GOOD}`,
    `\x10${GOOD}HTTP/1.1 400 Bad Request\r\n\r\n`,
    "\x80HTTP/1.1 101 OK\r\n\r\n",
    "\x80HTTP/1.0 403 Forbidden\r\nContent-Length: 2\r\n\r\n{}",
    "\x80SSH-2.0-x\r\n",
    `\x80HTTP/1.1 101 OK\r\nX: ${"a".repeat(300)}`,
  ],
  run(input) {
    const bytes = input.subarray(1);
    const answer = parseUpgradeAnswer(bytes);
    const begun = parseUpgradeAnswer(bytes.subarray(0, bytes.length * (input[0] ?? 0) >> 8));
    // What was decided is decided, whatever comes behind it.
    if (begun && !("problem" in begun)) assert.deepEqual(answer, begun);
    if (answer === undefined) {
      assert.ok(bytes.length <= MAX_HEAD, "no more is kept");
      return "incomplete";
    }
    if ("problem" in answer) {
      // 60 characters are quoted, each written as six at most.
      assert.ok(answer.problem.length < 400);
      assert.doesNotMatch(answer.problem, /\p{Cc}/u);
      return answer.problem.replace(/\(.*/, "");
    }
    assert.ok(answer.bodyAt <= bytes.length);
    assert.ok(Number.isInteger(answer.status) && answer.status >= 0 && answer.status <= 999);
    const problem = problemOfUpgrade(answer, ACCEPT) ?? "an upgrade";
    return `${answer.status === 101 ? 101 : "other"}: ${problem}${
      beginsWithHttp(bytes.subarray(answer.bodyAt)) ? ", HTTP behind it" : ""
    }`;
  },
};
