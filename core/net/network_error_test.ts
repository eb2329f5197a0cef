import assert from "node:assert/strict";
import { bastionError, isBastionError } from "../errors.ts";
import { networkError, problemOf } from "./network_error.ts";

const proxy = { host: "p", port: 3128, label: "p:3128" };

/** As fetch throws it: the text in the cause. */
function fetchError(text: string): Error {
  return new TypeError("fetch failed", { cause: new Error(text) });
}

const SENDING = "error sending request for url (https://b/api/tokens/planted(1)): client error";

Deno.test("networkError: what the runtime says becomes a code and a host", () => {
  type Case = [error: unknown, through: typeof proxy | undefined, code: string, message: RegExp];
  const cases: Case[] = [
    [new DOMException("x", "TimeoutError"), undefined, "connect-timeout", /^b did not .* 15 s\.$/],
    [new DOMException("x", "TimeoutError"), proxy, "connect-timeout", /through the proxy p:3128/],
    [new Deno.errors.TimedOut("x"), undefined, "connect-timeout", /^b /],
    [new Error("failed to lookup address information: x"), undefined, "dns-failed", /name b /],
    [
      new Error("failed to lookup address information: x"),
      proxy,
      "dns-failed",
      /name p .*the proxy's/,
    ],
    [new Deno.errors.ConnectionRefused("x"), undefined, "connect-refused", /^b refused/],
    [new Deno.errors.ConnectionRefused("x"), proxy, "connect-refused", /^The proxy p:3128 refused/],
    [new Error("invalid peer certificate: UnknownIssuer"), undefined, "tls-untrusted", /^The cert/],
    [new Error("invalid peer certificate: Expired"), proxy, "tls-untrusted", /the proxy p:3128/],
    [new Error("received corrupt message of type X"), undefined, "tls-failed", /^TLS with b/],
    [new Error("received fatal alert: ProtocolVersion"), undefined, "tls-failed", /Version$/],
    [new Deno.errors.UnexpectedEof("end"), undefined, "tls-failed", /end$/],
    [new Deno.errors.ConnectionReset("reset"), undefined, "connect-failed", /reset$/],
    [fetchError(`${SENDING} (Connect): dns error: x`), undefined, "dns-failed", /name b /],
    [fetchError(`${SENDING} (Connect): unsuccessful tunnel`), proxy, "proxy-refused", /tunnel$/],
    [
      fetchError(`${SENDING} (Connect): unexpected eof while tunneling`),
      proxy,
      "proxy-refused",
      /eof/,
    ],
    [
      fetchError(`${SENDING} (Connect): proxy authentication required`),
      proxy,
      "proxy-authentication",
      /p:3128/,
    ],
    ["odd", undefined, "connect-failed", /odd$/],
  ];
  for (const [error, through, code, message] of cases) {
    const said = networkError(error, { host: "b", proxy: through, timeout: 15_000 });
    assert.ok(isBastionError(said));
    assert.equal(said.code, code, `${error}`);
    assert.match(said.message, message);
    assert.equal(said.exit, "network");
    assert.doesNotMatch(said.message, /planted|fetch failed/);
  }
});

Deno.test("networkError: what is ours already stays as it is", () => {
  const ours = bastionError("connect-refused", { host: "x", via: "" });
  assert.equal(networkError(ours, { host: "b", timeout: 1 }), ours);
});

Deno.test("problemOf: the innermost message, without URL and addresses", () => {
  const cases: [error: unknown, problem: string][] = [
    [fetchError(`${SENDING} (Connect): tls handshake eof`), "tls handshake eof"],
    [
      fetchError(
        "error sending request from 127.0.0.1:5 for http://b/x/planted (127.0.0.1:6): client error (SendRequest): invalid HTTP version parsed",
      ),
      "invalid HTTP version parsed",
    ],
    [new Error("cannot go to https://b/x?planted now"), "cannot go to … now"],
    [new Error("a", { cause: new Error("b", { cause: new Error("c") }) }), "c"],
    [new Error("a", { cause: "no error" }), "a"],
    [new Error("with \u001b[31m"), "with \\u001b[31m"],
    [new TypeError(""), "TypeError"],
  ];
  for (const [error, problem] of cases) assert.equal(problemOf(error), problem);
});
