import assert from "node:assert/strict";
import { connectProxy } from "../../tests/helpers/connect_proxy.ts";
import { eventually } from "../../tests/helpers/eventually.ts";
import {
  type RawAnswer,
  rawServer,
  readRequestHead,
  untilClosed,
  writeText,
} from "../../tests/helpers/raw_server.ts";
import { testCertificate } from "../../tests/helpers/test_certificate.ts";
import { Secret } from "../secret.ts";
import { createHttpClient, type HttpClient } from "./http_client.ts";
import { type Proxy, type ProxyChoice, proxyFromEnvironment } from "./proxy.ts";

const certificate = await testCertificate();
const trust = { caCerts: [certificate.ca], sources: [] };

function client(proxy?: Proxy | ProxyChoice): HttpClient & Disposable {
  const http = createHttpClient(trust, typeof proxy === "function" ? proxy : () => proxy);
  return { ...http, [Symbol.dispose]: () => http.close() };
}

function through({ host, port }: { host: string; port: number }): Proxy {
  return { host: "127.0.0.1", port, label: host };
}

/** A real HTTP server over TLS; `clients` is where each request came from. */
function httpsServer(answer: (request: Request) => Response | Promise<Response>) {
  const clients: string[] = [];
  const server = Deno.serve({
    hostname: "127.0.0.1",
    port: 0,
    cert: certificate.certificate,
    key: certificate.key,
    onListen: () => {},
  }, (request, { remoteAddr }) => {
    clients.push(`${remoteAddr.port}`);
    return answer(request);
  });
  const host = `127.0.0.1:${server.addr.port}`;
  return { clients, host, [Symbol.asyncDispose]: () => server.shutdown() };
}

/** A server over TLS that reads a request and then does as it is told. */
const scripted = (answer: RawAnswer) =>
  rawServer(async (conn, index) => {
    await readRequestHead(conn);
    await answer(conn, index);
  }, certificate);

Deno.test("http: one exchange, as it was asked for and as it was answered", async () => {
  await using server = httpsServer(async (request) =>
    Response.json({
      method: request.method,
      path: new URL(request.url).pathname,
      type: request.headers.get("content-type"),
      body: await request.text(),
    }, { status: 429, headers: { "Retry-After": "3" } })
  );
  using http = client();
  const response = await http.request({
    method: "POST",
    url: `https://${server.host}/a%2Fb`,
    headers: { "Content-Type": "text/x" },
    body: "ä",
  });
  assert.equal(response.status, 429);
  assert.equal(response.headers.get("retry-after"), "3");
  assert.deepEqual(JSON.parse(response.text()), {
    method: "POST",
    path: "/a%2Fb",
    type: "text/x",
    body: "ä",
  });
  const head = await http.request({ method: "HEAD", url: new URL(`https://${server.host}/`) });
  assert.equal(head.body.length, 0);
});

Deno.test("http: connections are kept alive; a fresh one is a fresh one", async () => {
  await using server = httpsServer(() => new Response("x"));
  using http = client();
  const url = `https://${server.host}/`;
  await http.request({ method: "HEAD", url });
  await http.request({ method: "POST", url, body: "1" });
  await http.request({ method: "GET", url, fresh: true });
  await http.request({ method: "GET", url });
  const [first, second, fresh, last] = server.clients;
  assert.equal(second, first);
  assert.notEqual(fresh, first);
  assert.equal(last, first);
});

Deno.test("http: a request on a kept connection that is stale is repeated once, by the runtime", async () => {
  const answer = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
  for (const silent of [0, 1]) {
    await using server = scripted(async (conn, index) => {
      await conn.read(new Uint8Array(1));
      if (index > 0 && index <= silent) return;
      await writeText(conn, answer);
      // The next request on the first connection gets no answer.
      if (index === 0) await readRequestHead(conn);
    });
    using http = client();
    const request = { method: "POST", url: `https://${server.host}/api/tokens`, body: "f" };
    await http.request(request);
    if (silent === 0) await http.request(request);
    else await assert.rejects(http.request(request), { code: "http-failed" });
    assert.equal(server.connections, 2);
    assert.equal((await http.request({ ...request, fresh: true })).status, 200);
  }
});

Deno.test("http: redirects are answers, and never followed", async () => {
  for (const status of [301, 302, 303, 307, 308]) {
    await using server = httpsServer(() =>
      new Response(null, { status, headers: { Location: "/elsewhere" } })
    );
    using http = client();
    const url = `https://${server.host}/api/tokens`;
    const response = await http.request({ method: "POST", url, body: "aztoken=x" });
    assert.equal(response.status, status);
    assert.equal(response.headers.get("location"), "/elsewhere");
    assert.equal(server.clients.length, 1);
  }
});

Deno.test("http: a body over the limit is cut off, one at the limit is read", async () => {
  let cancelled = false;
  await using server = httpsServer(({ url }) =>
    url.endsWith("/endless")
      ? new Response(
        new ReadableStream({
          pull: (controller) => controller.enqueue(new Uint8Array(8192)),
          cancel: () => void (cancelled = true),
        }),
      )
      : new Response("12345")
  );
  using http = client();
  const url = `https://${server.host}`;
  assert.equal((await http.request({ method: "GET", url, maxBytes: 5 })).text(), "12345");
  await assert.rejects(http.request({ method: "GET", url, maxBytes: 4 }), {
    code: "http-too-large",
    message: `The answer of ${server.host} is larger than 4 bytes.`,
  });
  await assert.rejects(http.request({ method: "GET", url: `${url}/endless` }), {
    code: "http-too-large",
    message: /4194304/,
  });
  await eventually("the end of the endless body", () => cancelled);
});

Deno.test("http: what ends badly, by code", async () => {
  const cases: [answer: string, code: string][] = [
    ["HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc", "http-truncated"],
    ["HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabc", "http-truncated"],
    ["HTTP/1.1 200 OK\r\nContent-Le", "http-failed"],
    ["SSH-2.0-OpenSSH\r\n\r\n", "http-failed"],
    ["", "http-failed"],
  ];
  for (const [answer, code] of cases) {
    await using server = scripted((conn) => writeText(conn, answer));
    using http = client();
    using planted = new Secret("planted-token");
    const url = `https://${server.host}/way/${planted.reveal()}?sig=planted-too`;
    await assert.rejects(http.request({ method: "GET", url }), (error: Error) => {
      assert.ok("code" in error);
      assert.equal(error.code, code, error.message);
      assert.ok(error.message.includes(server.host));
      assert.doesNotMatch(Deno.inspect(error), /planted|\/way/);
      return true;
    });
  }
});

Deno.test("http: time is limited, before the answer and within it", async () => {
  const head = "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc";
  for (const answer of ["", head]) {
    await using server = scripted(async (conn) => {
      await writeText(conn, answer);
      await untilClosed(conn);
    });
    using http = client();
    const request = { method: "GET", url: `https://${server.host}/`, timeout: 500 };
    await assert.rejects(http.request(request), {
      code: "connect-timeout",
      message: `${server.host} did not answer within 1 s.`,
    });
  }
});

Deno.test("http: an abort ends it with its own reason", async () => {
  const reason = new Error("enough");
  await using server = scripted(untilClosed);
  using http = client();
  const request = { method: "GET", url: `https://${server.host}/` };
  await assert.rejects(http.request({ ...request, signal: AbortSignal.abort(reason) }), reason);
  for (const fresh of [false, true]) {
    const seen = server.connections;
    const stop = new AbortController();
    const exchange = http.request({ ...request, fresh, signal: stop.signal });
    await eventually("a connection", () => server.connections > seen);
    stop.abort(reason);
    await assert.rejects(exchange, reason);
  }
});

Deno.test("http: no listener, no name, no trust, no TLS", async () => {
  const { host: freed } = await (async () => {
    await using server = rawServer(() => {});
    return server;
  })();
  await using stranger = rawServer(untilClosed, await testCertificate());
  await using expired = rawServer(
    untilClosed,
    await testCertificate({ notAfter: new Date(Date.now() - 60_000) }),
  );
  await using plain = rawServer((conn) => writeText(conn, "SSH-2.0-OpenSSH_9.6\r\n"));
  await using mute = rawServer(() => {});
  const cases: [host: string, code: string][] = [
    [freed, "connect-refused"],
    ["no-such-name.invalid", "dns-failed"],
    [stranger.host, "tls-untrusted"],
    [expired.host, "tls-untrusted"],
    [plain.host, "tls-failed"],
    [mute.host, "tls-failed"],
  ];
  for (const [host, code] of cases) {
    using http = client();
    const exchange = http.request({ method: "GET", url: `https://${host}/api/tokens/planted` });
    await assert.rejects(exchange, (error: Error) => {
      assert.ok("code" in error);
      assert.equal(error.code, code, error.message);
      assert.ok(error.message.includes(host), error.message);
      assert.doesNotMatch(Deno.inspect(error), /planted|api\/tokens|fetch/);
      return true;
    });
  }
});

Deno.test("http: through a proxy, with and without credentials", async () => {
  await using server = httpsServer(() => new Response("far"));
  await using open = connectProxy();
  await using guarded = connectProxy({ credentials: "me:pass w:rd" });
  using password = new Secret("pass w:rd");
  for (const proxy of [through(open), { ...through(guarded), username: "me", password }]) {
    using http = client(proxy);
    const response = await http.request({ method: "GET", url: `https://${server.host}/` });
    assert.equal(response.text(), "far");
  }
  assert.match(open.requests.join(), new RegExp(`^CONNECT ${server.host} `));
  assert.doesNotMatch(open.requests.join(), /authorization/i);
});

Deno.test("http: what a proxy refuses with", async () => {
  const challenge = "HTTP/1.1 407 X\r\nProxy-Authenticate: Negotiate\r\nContent-Length: 0\r\n\r\n";
  const cases: [refusal: string, code: string, message: RegExp][] = [
    [challenge, "proxy-authentication", /\(Negotiate\)/],
    ["HTTP/1.1 407 X\r\nContent-Length: 0\r\n\r\n", "proxy-authentication", /\(HTTP 407\)/],
    ["HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n", "proxy-refused", /./],
    ["SSH-2.0-OpenSSH\r\n\r\n", "proxy-refused", /./],
    ["", "proxy-refused", /./],
  ];
  for (const [refusal, code, message] of cases) {
    await using proxy = connectProxy({ refusal });
    using password = new Secret("planted-password");
    using http = client({ ...through(proxy), username: "me", password });
    const exchange = http.request({ method: "GET", url: "https://a.example/api/tokens/planted" });
    await assert.rejects(exchange, (error: Error) => {
      assert.ok("code" in error);
      assert.equal(error.code, code, error.message);
      assert.match(error.message, message);
      assert.ok(error.message.includes(proxy.host), error.message);
      assert.doesNotMatch(Deno.inspect(error), /planted|bWU6/);
      return true;
    });
    if (code === "proxy-authentication") {
      const given = proxy.requests.filter((head) => /^proxy-authorization:/im.test(head));
      assert.ok(proxy.requests.length > given.length, "asked without credentials");
      assert.ok(given.length <= 1, "a wrong password counts once");
    }
  }
});

/** Sets variables of this very process for as long as a test needs them. */
function processVariables(variables: Record<string, string>): Disposable {
  const before = Object.keys(variables).map((name) => [name, Deno.env.get(name)] as const);
  for (const [name, value] of Object.entries(variables)) Deno.env.set(name, value);
  return {
    [Symbol.dispose]() {
      for (const [name, value] of before) {
        if (value === undefined) Deno.env.delete(name);
        else Deno.env.set(name, value);
      }
    },
  };
}

Deno.test("http: our choice of proxy counts, and not the runtime's own reading", async () => {
  await using server = httpsServer(() => new Response("far"));
  await using proxy = connectProxy();
  const url = `https://${server.host}/`;
  const address = `http://${proxy.host}`;
  const variables = { HTTPS_PROXY: address, https_proxy: address, ALL_PROXY: address };
  {
    // The runtime does not know ports in NO_PROXY: it would take the proxy.
    using _set = processVariables({ ...variables, NO_PROXY: server.host, no_proxy: "" });
    using http = client(proxyFromEnvironment((name) => Deno.env.get(name)));
    for (const fresh of [false, true]) await http.request({ method: "GET", url, fresh });
    assert.equal(proxy.requests.length, 0);
    assert.equal(Deno.env.get("HTTPS_PROXY"), address);
    assert.equal(Deno.env.get("no_proxy"), "");
  }
  using _set = processVariables({ NO_PROXY: "*", no_proxy: "*" });
  using http = client(through(proxy));
  await http.request({ method: "GET", url });
  assert.equal(proxy.requests.length, 1);
});
