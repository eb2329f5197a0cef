import assert from "node:assert/strict";
import { connectProxy } from "../../tests/helpers/connect_proxy.ts";
import { eventually } from "../../tests/helpers/eventually.ts";
import { Secret } from "../secret.ts";
import { basicCredentials, challengeOf } from "./open_through_proxy.ts";

const never = new AbortController().signal;

Deno.test("basicCredentials: UTF-8, and no password is an empty one", () => {
  const proxy = { host: "p", port: 1, label: "p:1", username: "me" };
  using password = new Secret("p:ss wörd");
  assert.equal(basicCredentials({ ...proxy, password }), "bWU6cDpzcyB3w7ZyZA==");
  assert.equal(basicCredentials(proxy), "bWU6");
});

Deno.test("challengeOf: the ways of signing in, asked for without credentials", async () => {
  const cases: [status: string, named: RegExp | undefined][] = [
    ["407 X\r\nProxy-Authenticate: Negotiate\r\nproxy-authenticate: NTLM", /\(Negotiate, NTLM\)/],
    ["407 X", /\(HTTP 407\)/],
    ["502 X", undefined],
    ["200 X", undefined],
  ];
  for (const [status, named] of cases) {
    await using server = connectProxy({ refusal: `HTTP/1.1 ${status}\r\n\r\n` });
    using password = new Secret("planted-password");
    const { host: label, port } = server;
    const proxy = { host: "127.0.0.1", port, label, username: "me", password };
    const error = await challengeOf(proxy, "a.example", 443, never);
    if (named) assert.match(error?.message ?? "", named);
    else assert.equal(error, undefined);
    assert.deepEqual(server.requests, [
      "CONNECT a.example:443 HTTP/1.1\r\nHost: a.example:443\r\n\r\n",
    ]);
  }
});

Deno.test("challengeOf: an abort ends it", async () => {
  await using server = connectProxy();
  server.behave("silent");
  const stop = new AbortController();
  const proxy = { host: "127.0.0.1", port: server.port, label: server.host };
  const asking = challengeOf(proxy, "a.example", 443, stop.signal);
  await eventually("the question", () => server.requests.length === 1);
  stop.abort();
  assert.equal(await asking, undefined);
  assert.equal(await challengeOf(proxy, "a.example", 443, stop.signal), undefined);
});
