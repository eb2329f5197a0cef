import assert from "node:assert/strict";
import { connectProxy } from "../../tests/helpers/connect_proxy.ts";
import { eventually } from "../../tests/helpers/eventually.ts";
import {
  rawServer,
  readRequestHead,
  untilClosed,
  writeText,
} from "../../tests/helpers/raw_server.ts";
import { testCertificate } from "../../tests/helpers/test_certificate.ts";
import { Secret } from "../secret.ts";
import { createDialer, type Dialer, splitEndpoint } from "./dial.ts";
import { type Proxy, proxyFromEnvironment } from "./proxy.ts";

const certificate = await testCertificate();
const trust = { caCerts: [certificate.ca], sources: [] };
const never = new AbortController().signal;

function dialer(proxy?: Proxy): Dialer {
  return createDialer(trust, () => proxy);
}

function through({ port }: { port: number }): Proxy {
  return { host: "127.0.0.1", port, label: `127.0.0.1:${port}` };
}

/** Answers each line with itself, over TLS. */
const echoServer = () =>
  rawServer(async (conn) => {
    const bytes = new Uint8Array(64);
    for (let n; (n = await conn.read(bytes)) !== null;) await conn.write(bytes.subarray(0, n));
  }, certificate);

async function echoes(conn: Deno.TlsConn): Promise<void> {
  await writeText(conn, "hello");
  const bytes = new Uint8Array(64);
  assert.equal(new TextDecoder().decode(bytes.subarray(0, await conn.read(bytes) ?? 0)), "hello");
}

Deno.test("splitEndpoint: host and port", () => {
  const cases: [endpoint: string, host: string, port: number][] = [
    ["a.example", "a.example", 443],
    ["a.example:8443", "a.example", 8443],
    ["a.example:443", "a.example", 443],
    ["127.0.0.1:1", "127.0.0.1", 1],
    ["[::1]:8443", "::1", 8443],
    ["[::1]", "::1", 443],
  ];
  for (const [endpoint, host, port] of cases) {
    assert.deepEqual(splitEndpoint(endpoint), { host, port });
  }
});

Deno.test("dial: straight to a trusted server, by address and by name", async () => {
  await using server = echoServer();
  for (const host of ["127.0.0.1", "localhost"]) {
    using conn = await dialer()(`${host}:${server.port}`, never);
    await echoes(conn);
  }
});

Deno.test("dial: through a proxy, with and without credentials", async () => {
  await using server = echoServer();
  await using open = connectProxy();
  using straight = await dialer(through(open))(server.host, never);
  await echoes(straight);
  assert.deepEqual(open.requests, [
    `CONNECT ${server.host} HTTP/1.1\r\nHost: ${server.host}\r\n\r\n`,
  ]);

  await using guarded = connectProxy({ credentials: "me:p:ss wörd" });
  using password = new Secret("p:ss wörd");
  const proxy = { ...through(guarded), username: "me", password };
  using signedIn = await dialer(proxy)(server.host, never);
  await echoes(signedIn);
  for (const other of [through(guarded), { ...proxy, username: "you" }]) {
    await assert.rejects(dialer(other)(server.host, never), {
      code: "proxy-authentication",
      message:
        `The proxy ${guarded.host} wants a sign-in (Basic), and was given none that it accepts.`,
    });
  }
});

Deno.test("dial: NO_PROXY goes straight", async () => {
  await using server = echoServer();
  await using proxy = connectProxy();
  const variables: Record<string, string> = {
    HTTPS_PROXY: `http://${proxy.host}`,
    NO_PROXY: "127.0.0.1",
  };
  const dial = createDialer(trust, proxyFromEnvironment((name) => variables[name]));
  using direct = await dial(server.host, never);
  await echoes(direct);
  assert.equal(proxy.requests.length, 0);
  using proxied = await dial(`localhost:${server.port}`, never);
  await echoes(proxied);
  assert.equal(proxy.requests.length, 1);
});

Deno.test("dial: what a proxy refuses with", async () => {
  const challenge = "HTTP/1.1 407 Proxy Authentication Required\r\n" +
    "Proxy-Authenticate: Negotiate\r\nproxy-authenticate: NTLM\r\n\r\n";
  const cases: [refusal: string, code: string, message: RegExp][] = [
    [challenge, "proxy-authentication", /wants a sign-in \(Negotiate, NTLM\)/],
    ["HTTP/1.1 407 X\r\n\r\n", "proxy-authentication", /\(HTTP 407\)/],
    ["HTTP/1.1 502 Bad\u001b[2J Gateway\r\n\r\n", "proxy-refused", /502 Bad\\u001b\[2J Gateway/],
    ["HTTP/1.1 403 Forbidden\r\n\r\n<html>", "proxy-refused", /403 Forbidden/],
    ["SSH-2.0-OpenSSH\r\n\r\n", "proxy-refused", /SSH-2\.0-OpenSSH/],
    ["HTTP/1.1 200 OK\r\n", "proxy-refused", /it closed the connection/],
    ["", "proxy-refused", /it closed the connection/],
    ["x".repeat(20_000), "proxy-refused", /its answer has no end/],
  ];
  for (const [refusal, code, message] of cases) {
    await using proxy = connectProxy({ refusal });
    using password = new Secret("planted-password");
    const dial = dialer({ ...through(proxy), username: "me", password });
    await assert.rejects(dial("a.example", never), (error: Error) => {
      assert.match(error.message, message);
      assert.ok(error.message.includes(proxy.host));
      assert.doesNotMatch(Deno.inspect(error), /planted|bWU6/);
      return "code" in error && error.code === code;
    });
  }
});

Deno.test("dial: certificates that are not to be trusted", async () => {
  const cases = {
    "another authority": await testCertificate(),
    "another name": await testCertificate({ names: ["b.example"] }),
    "expired": await testCertificate({ notAfter: new Date(Date.now() - 60_000) }),
  };
  for (const [what, served] of Object.entries(cases)) {
    await using server = rawServer(untilClosed, served);
    const ca = what === "another authority" ? certificate.ca : served.ca;
    const dial = createDialer({ caCerts: [ca], sources: [] }, () => undefined);
    await assert.rejects(dial(server.host, never), { code: "tls-untrusted" }, what);
  }
});

Deno.test("dial: no listener, no name, no TLS", async () => {
  const { host: freed } = await (async () => {
    await using server = rawServer(() => {});
    return server;
  })();
  await using plain = rawServer((conn) => writeText(conn, "SSH-2.0-OpenSSH_9.6\r\n"));
  await using mute = rawServer(() => {});
  const cases: [endpoint: string, proxy: Proxy | undefined, code: string, named: string][] = [
    [freed, undefined, "connect-refused", freed],
    ["a.example", through({ port: Number(freed.split(":")[1]) }), "connect-refused", freed],
    ["no-such-name.invalid", undefined, "dns-failed", "no-such-name.invalid"],
    [
      "a.example",
      { host: "no-such.invalid", port: 1, label: "no-such.invalid:1" },
      "dns-failed",
      "no-such.invalid",
    ],
    [plain.host, undefined, "tls-failed", plain.host],
    [mute.host, undefined, "tls-failed", mute.host],
  ];
  for (const [endpoint, proxy, code, named] of cases) {
    await assert.rejects(dialer(proxy)(endpoint, never), (error: Error) => {
      assert.ok("code" in error);
      assert.equal(error.code, code, error.message);
      assert.ok(error.message.includes(named), error.message);
      return true;
    });
  }
});

Deno.test("dial: an abort ends it at every stage, with its own reason", async () => {
  const reason = new Error("enough");
  await assert.rejects(dialer()("127.0.0.1:9", AbortSignal.abort(reason)), reason);
  // Neither server says a word: TLS and CONNECT hang.
  await using silent = rawServer(untilClosed);
  for (const proxy of [undefined, through(silent)]) {
    const seen = silent.connections;
    const stop = new AbortController();
    const dialling = dialer(proxy)(silent.host, stop.signal);
    await eventually("a connection", () => silent.connections > seen);
    stop.abort(reason);
    await assert.rejects(dialling, reason);
  }
});

Deno.test("dial: who does not answer within 15 s is given up, and named", async () => {
  await using silent = rawServer(untilClosed);
  const { setTimeout } = globalThis;
  const waits: (number | undefined)[] = [];
  const hurried = (callback: () => void, ms?: number) => {
    waits.push(ms);
    return setTimeout(callback, 20);
  };
  for (const proxy of [undefined, through(silent)]) {
    globalThis.setTimeout = hurried as typeof setTimeout;
    const dialling = dialer(proxy)(silent.host, never);
    globalThis.setTimeout = setTimeout;
    await assert.rejects(dialling, {
      code: "connect-timeout",
      message: `${silent.host} did not answer within 15 s${
        proxy ? ` through the proxy ${silent.host}` : ""
      }.`,
    });
  }
  assert.deepEqual(waits, [15_000, 15_000]);
});

Deno.test("dial: a connection outlives the signal that it was dialled with", async () => {
  await using server = echoServer();
  const stop = new AbortController();
  using conn = await dialer()(server.host, stop.signal);
  stop.abort();
  await echoes(conn);
});

Deno.test("dial: a proxy's answer may come in pieces", async () => {
  await using server = echoServer();
  // The answer comes in two pieces, and has headers.
  await using proxy = rawServer(async (near) => {
    await readRequestHead(near);
    using far = await Deno.connect({ hostname: "127.0.0.1", port: server.port });
    await writeText(near, "HTTP/1.0 200 OK\r\nVia: 1.1 p\r");
    await writeText(near, "\n\r\n");
    await Promise.race([
      near.readable.pipeTo(far.writable, { preventCancel: true }).catch(() => {}),
      far.readable.pipeTo(near.writable, { preventCancel: true }).catch(() => {}),
    ]);
  });
  using conn = await dialer(through(proxy))(server.host, never);
  await echoes(conn);
});
