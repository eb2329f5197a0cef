/** Breakages of core/tunnel: bytes, ends, retries, sessions. */

import type { Breakage } from "./breakage.ts";

const CONTRACT = "tests/contract/webtunnel_test.ts";
const RELAY = "core/tunnel/relay_test.ts";
const CONNECTION = "core/tunnel/connection_test.ts";
const CHANNEL = "core/tunnel/webtunnel/channel_test.ts";
const DECODER = "core/tunnel/webtunnel/frame_decoder_test.ts";
const ENCODER = "core/tunnel/webtunnel/frame_encoder_test.ts";

export const tunnelBreakages: readonly Breakage[] = [
  {
    name: "no DELETE at the end of a connection",
    file: "core/tunnel/session.ts",
    find: "await options.owed.end(",
    replace: "((_key: unknown, done: () => void) => done())(",
    test: {
      file: CONTRACT,
      name: "webtunnel: stopping with connections open deletes their sessions",
    },
    why: "sessions pile up at the service until it takes no more",
  },
  {
    name: "no DELETE after a failed handshake",
    file: "core/tunnel/connection.ts",
    find: "options.defer(sessionOpening.then((session) => session.close(), () => {}));",
    replace: "",
    test: {
      file: CONNECTION,
      name: "a session whose channel cannot be opened is closed, whatever the reason",
    },
    why: "every refused attempt leaves a session behind",
  },
  {
    name: "the end does not wait for the DELETEs",
    file: "core/tunnel/tunnel.ts",
    find:
      "while (running.size > 0 || deferred.size > 0) await Promise.all([...running, ...deferred]);",
    replace: "await Promise.all(running);",
    test: {
      file: "core/tunnel/tunnel_test.ts",
      name: "the tunnel has ended when its sessions are deleted, and not before",
    },
    why: "Ctrl-C leaves sessions behind",
  },
  {
    name: "a session is not written into the journal",
    file: "core/tunnel/journal.ts",
    find: "for (let at = 0; at < bytes.length;) at += handle.writeSync(bytes.subarray(at));",
    replace: "void [handle, bytes];",
    test: {
      file: "core/tunnel/journal_test.ts",
      name: "a run that ends without deleting a session leaves it to the next",
    },
    why: "what a kill -9 leaves is never deleted",
  },
  {
    name: "the journal can be read by others",
    file: "core/tunnel/journal.ts",
    find: "mode: 0o600",
    replace: "mode: 0o644",
    test: {
      file: "core/tunnel/journal_test.ts",
      name: "file and directory are the user's alone; one that is not is not used",
    },
    why: "another user of the computer takes the tokens",
  },
  {
    name: "an Authorization header on the token request",
    file: "core/tunnel/session.ts",
    find: `headers: { "Content-Type": "application/x-www-form-urlencoded", "Accept"`,
    replace:
      `headers: { "Authorization": "Bearer x", "Content-Type": "application/x-www-form-urlencoded", "Accept"`,
    test: { file: CONTRACT, name: "webtunnel: Connection: Upgrade, Keep-Alive is taken" },
    why: "the service answers 500",
  },
  {
    name: "the payload that comes with a Close is dropped",
    file: "core/tunnel/webtunnel/frame_decoder.ts",
    find: "return start < 0 ? NOTHING : bytes.subarray(start, end);",
    replace: "return start < 0 || this.end ? NOTHING : bytes.subarray(start, end);",
    test: { file: CHANNEL, name: "payload that comes with the end is handed on before the end" },
    why: "the last bytes of a reply are missing",
  },
  {
    name: "frames that are read together are not put together",
    file: "core/tunnel/webtunnel/frame_decoder.ts",
    find: "bytes.copyWithin(end, at, at + size);",
    replace: "",
    test: { file: DECODER, name: "what is read is moved together in place, headers left out" },
    why: "files arrive damaged",
  },
  {
    name: "what came behind the handshake is dropped",
    file: "core/tunnel/webtunnel/channel.ts",
    find: "options.early.length > 0 ? options.early : undefined",
    replace: "undefined",
    test: { file: CHANNEL, name: "bytes that came behind the handshake are payload too" },
    why: "now and then the first bytes of a reply are missing",
  },
  {
    name: "the WebSocket is closed with unread input",
    file: "core/tunnel/webtunnel/channel.ts",
    find: "if (!decoder.end) {\n        await reading",
    replace: "if (decoder.end) {\n        await reading",
    test: {
      file: CHANNEL,
      name: "the goodbye is sent, then what is on its way is read, then the socket is closed",
    },
    why: "the reset that follows destroys the last bytes of an upload",
  },
  {
    name: "the local socket is closed with unread input",
    file: "core/tunnel/relay.ts",
    find: "closeLocalWhenQuiet(clock.now());\n  await up;",
    replace: "closeQuietly(local);\n  await up;",
    test: {
      file: RELAY,
      name: "after the far side's end a program that goes on sending is read, then closed",
    },
    why: "a client that is still sending loses the end of the reply",
  },
  {
    name: "a local end cuts the reply",
    file: "core/tunnel/relay.ts",
    find: `endWhenRemoteIsSilent(options.halfCloseGrace, { reason: "local-closed" });`,
    replace: `endBy({ reason: "local-closed" });`,
    test: {
      file: RELAY,
      name: "a local end leaves the far side its grace, in which a slow reader does not count",
    },
    why: "`echo request | nc -N` gets nothing",
  },
  {
    name: "the grace counts time in which nothing was asked for",
    file: "core/tunnel/relay.ts",
    find:
      "if (quiet >= limit) endBy(how);\n    else later(limit - quiet, () => endWhenRemoteIsSilent(limit, how));",
    replace: "later(limit - quiet, () => endBy(how));",
    test: {
      file: RELAY,
      name: "a local end leaves the far side its grace, in which a slow reader does not count",
    },
    why: "a slow reader loses the end of a long reply",
  },
  {
    name: "a queue without limit towards the far side",
    file: "core/tunnel/relay.ts",
    find: "await channel.write(bytes);",
    replace: "channel.write(bytes.slice()).catch(() => {});",
    test: {
      file: RELAY,
      name: "what the far side does not take, the local side is not asked for",
    },
    why: "an upload to a slow target eats the memory",
  },
  {
    name: "a queue without limit towards the local side",
    file: "core/tunnel/relay.ts",
    find: "for (let at = 0; at < bytes.length;) at += await local.write(bytes.subarray(at));",
    replace: "local.write(bytes.slice()).catch(() => {});",
    test: {
      file: RELAY,
      name: "what the local side does not take, the far side is not asked for",
    },
    why: "a download by a slow client eats the memory",
  },
  {
    name: "a peer that answers no pings is never given up",
    file: "core/tunnel/relay.ts",
    find: `if (act === "give-up") {`,
    replace: `if (act === "give-up" && options.pingInterval < 0) {`,
    test: {
      file: RELAY,
      name: "a far side that has answered pings and falls silent is given up after three intervals",
    },
    why: "a connection through a dead firewall entry hangs for ever",
  },
  {
    name: "a slow local reader is taken for a dead peer",
    file: "core/tunnel/ping_clock.ts",
    find: "quietSince === undefined ? 0 : now - quietSince",
    replace: "now - (quietSince ?? 0)",
    test: {
      file: "core/tunnel/ping_clock_test.ts",
      name: "time without an outstanding read does not count: a slow local reader",
    },
    why: "a paused download is cut off",
  },
  {
    name: "a cut connection is taken for a good end",
    file: "core/tunnel/webtunnel/channel.ts",
    find: "if (bytes === null) {",
    replace: "if (bytes === null) {\n        if (!decoder.midFrame) return null;",
    test: {
      file: CONTRACT,
      name: "webtunnel: FIN of the far side is EOF after every byte that came",
    },
    why: "half a file counts as a whole one",
  },
  {
    name: "a connection's failure ends the listener",
    file: "core/tunnel/tunnel.ts",
    find: "totals.failed++;",
    replace: `totals.failed++;\n      end("stopped");`,
    test: {
      file: CONTRACT,
      name: "webtunnel: 403: ends that one connection with token-forbidden, after 1 attempts",
    },
    why: "one refused connection takes all others with it",
  },
  {
    name: "a refusal for good is tried again",
    file: "core/tunnel/retry.ts",
    find: `"token-unauthorized",`,
    replace: `"token-unauthorized", "token-forbidden",`,
    test: {
      file: "core/tunnel/retry_test.ts",
      name: "retry: 403 from the token endpoint is not tried again",
    },
    why: "accounts are locked, logs fill with refusals",
  },
  {
    name: "tried again after payload has been sent",
    file: "core/tunnel/connection.ts",
    find: "onEnd: (end) => options.onEnded({ opened, end: explain(end), ...counted }),",
    replace:
      "onEnd: (end) => {\n        if (end.reason === 'failed') void openChannel().catch(() => {});\n        options.onEnded({ opened, end: explain(end), ...counted });\n      },",
    test: {
      file: CONNECTION,
      name: "once a byte has been sent nothing is tried again: it might be sent twice",
    },
    why: "a command runs twice",
  },
  {
    name: "handshakes do not wait in order",
    file: "core/tunnel/gate.ts",
    find: "this.#waiting.shift()",
    replace: "this.#waiting.pop()",
    test: {
      file: "core/tunnel/gate_test.ts",
      name: "a gate lets so many through, and the others in order",
    },
    why: "under load the first to come are served last, or never",
  },
  {
    name: "one mask key for all frames",
    file: "core/tunnel/webtunnel/frame_encoder.ts",
    find: "const key = maskKeys[--maskKeysLeft] ?? 0;",
    replace: "maskKeysLeft--;\n  const key = 0x12345678;",
    test: { file: ENCODER, name: "mask keys are fresh for every frame" },
    why: "whoever controls the payload controls the bytes on the wire (RFC 6455 §10.3)",
  },
  {
    name: "frames without FIN",
    file: "core/tunnel/webtunnel/frame_encoder.ts",
    find: "out[at++] = FIN | opcode;",
    replace: "out[at++] = opcode;",
    test: {
      file: ENCODER,
      name: "every payload comes back, in single unfragmented frames of at most the size",
    },
    why: "the service rejects fragmented messages",
  },
  {
    name: "frames beyond the size that was set",
    file: "core/tunnel/webtunnel/frame_encoder.ts",
    find: "const size = Math.min(frameSize, payload.length - from);",
    replace: "const size = Math.min(frameSize + 1, payload.length - from);",
    test: {
      file: ENCODER,
      name: "every payload comes back, in single unfragmented frames of at most the size",
    },
    why: "bytes are sent twice",
  },
  {
    name: "reserved bits are overlooked",
    file: "core/tunnel/webtunnel/frame_decoder.ts",
    find: `if (first & 0x70) return "reserved bits are set";`,
    replace: "",
    test: { file: DECODER, name: "frames: reserved bits" },
    why: "an HTTP error in place of a frame becomes payload",
  },
  {
    name: "Sec-WebSocket-Accept is not looked at",
    file: "core/tunnel/webtunnel/handshake.ts",
    find: `if (answer.headers.get("sec-websocket-accept") !== accept) {`,
    replace: "if (accept === undefined) {",
    test: { file: "core/tunnel/webtunnel/handshake_test.ts", name: "a 101 with a wrong accept" },
    why: "any proxy's page that says 101 is taken for the tunnel",
  },
  {
    name: "a token's value may lead to another path",
    file: "core/tunnel/token_answer.ts",
    find: `if (value.isWellFormed() && value !== "." && value !== "..") return value;`,
    replace: "if (value) return value;",
    test: {
      file: "core/tunnel/token_answer_test.ts",
      name: "a token answer with half a surrogate pair cannot be used",
    },
    why: "the session can be neither used nor deleted",
  },
];
