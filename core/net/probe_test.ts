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
import { createProbe, type Probe } from "./probe.ts";
import type { Proxy } from "./proxy.ts";

const certificate = await testCertificate();
const never = new AbortController().signal;
const NOWHERE: Proxy = { host: "no-such.invalid", port: 8080, label: "no-such.invalid:8080" };

function probe(proxy?: Proxy): Probe {
  return createProbe(() => proxy, 5_000);
}

function through({ port }: { port: number }): Proxy {
  return { host: "127.0.0.1", port, label: `127.0.0.1:${port}` };
}

/** A port on which nobody listens any more. */
async function freed(): Promise<{ host: string; port: number }> {
  await using server = rawServer(() => {});
  return { host: server.host, port: server.port };
}

/** Notes what each connection has sent by its end. */
function listener(served?: typeof certificate) {
  const heard: number[] = [];
  const server = rawServer(async (conn) => {
    const bytes = new Uint8Array(1024);
    let size = 0;
    try {
      for (let n; (n = await conn.read(bytes)) !== null;) size += n;
    } finally {
      heard.push(size);
    }
  }, served);
  return Object.assign(server, { heard });
}

Deno.test("addresses: a name's, and whose name it is", async () => {
  const own = await probe().addresses("localhost:8443", never);
  assert.equal(own.name, "localhost");
  assert.ok(own.addresses.some((one) => one === "127.0.0.1" || one === "::1"), `${own.addresses}`);
  assert.equal(own.proxy, undefined);

  const proxy = { host: "localhost", port: 3128, label: "localhost:3128" };
  const behind = await probe(proxy).addresses("no-such.invalid", never);
  assert.deepEqual({ ...behind, addresses: [] }, { name: "localhost", addresses: [], proxy });
  assert.ok(behind.addresses.length > 0, "the proxy's name is looked up, the host's is not");
});

Deno.test("addresses: an address is asked of nobody", async () => {
  for (const [endpoint, name] of [["192.0.2.1:9", "192.0.2.1"], ["[2001:db8::1]", "2001:db8::1"]]) {
    assert.deepEqual(await probe().addresses(endpoint ?? "", never), { name, addresses: [] });
  }
});

Deno.test("addresses: a name that nobody knows, the host's or the proxy's", async () => {
  await assert.rejects(probe().addresses("nobody.invalid:8443", never), {
    code: "dns-failed",
    message: /nobody\.invalid:8443/,
  });
  await assert.rejects(probe(NOWHERE).addresses("a.example", never), {
    code: "dns-failed",
    message: /no-such\.invalid.*the proxy's/,
  });
});

Deno.test("reach: a connection comes about and is closed, with nothing sent", async () => {
  await using server = listener();
  assert.deepEqual(await probe().reach(server.host, never), {});
  await eventually("the end", () => server.heard.length === 1);
  assert.deepEqual(server.heard, [0]);
});

Deno.test("reach: through a proxy, which opens the way", async () => {
  await using server = listener();
  await using open = connectProxy();
  const proxy = through(open);
  assert.deepEqual(await probe(proxy).reach(server.host, never), { proxy });
  assert.deepEqual(open.requests, [
    `CONNECT ${server.host} HTTP/1.1\r\nHost: ${server.host}\r\n\r\n`,
  ]);
  await eventually("the end", () => server.heard.length === 1);
  assert.deepEqual(server.heard, [0]);
});

Deno.test("reach: what refuses is named, and no password is", async () => {
  const gone = await freed();
  await using closed = connectProxy({ refusal: "HTTP/1.1 403 Forbidden\r\n\r\n" });
  await using guarded = connectProxy({ credentials: "me:other" });
  using password = new Secret("planted-password");
  const cases: [endpoint: string, proxy: Proxy | undefined, code: string, named: string][] = [
    [gone.host, undefined, "connect-refused", gone.host],
    ["a.example", through(gone), "connect-refused", `The proxy ${gone.host}`],
    ["nobody.invalid", undefined, "dns-failed", "nobody.invalid"],
    ["a.example", NOWHERE, "dns-failed", "no-such.invalid"],
    ["a.example", through(closed), "proxy-refused", "403 Forbidden"],
    [
      "a.example",
      { ...through(guarded), username: "me", password },
      "proxy-authentication",
      guarded.host,
    ],
  ];
  for (const [endpoint, proxy, code, named] of cases) {
    await assert.rejects(probe(proxy).reach(endpoint, never), (error: Error) => {
      assert.ok("code" in error);
      assert.equal(error.code, code, error.message);
      assert.ok(error.message.includes(named), error.message);
      assert.doesNotMatch(Deno.inspect(error), /planted/);
      return true;
    });
  }
});

Deno.test("certificate: shown, believed or not, and nothing is said after it", async () => {
  const ends = new Date(Math.floor(Date.now() / 1000) * 1000 + 7_200_000);
  await using server = listener(await testCertificate({ notAfter: ends }));
  for (const host of ["127.0.0.1", "localhost"]) {
    assert.deepEqual(await probe().certificate(`${host}:${server.port}`, never), {
      issuer: "Test CA",
      validTo: ends,
      isPublic: false,
    });
  }
  await eventually("both ends", () => server.heard.length === 2);
  assert.deepEqual(server.heard, [0, 0]);
});

Deno.test("certificate: one that has ended, or is another's, is shown as well", async () => {
  const past = new Date(Math.floor(Date.now() / 1000) * 1000 - 3_600_000);
  await using late = listener(await testCertificate({ notAfter: past }));
  const shown = await probe().certificate(late.host, never);
  assert.deepEqual(shown, { issuer: "Test CA", validTo: past, isPublic: false });
  await using other = listener(await testCertificate({ names: ["b.example"] }));
  assert.equal((await probe().certificate(other.host, never)).issuer, "Test CA");
});

Deno.test("certificate: who has issued it, in words for people", async () => {
  const cases = [
    ["CN=Inspection CA, O=Contoso", "Inspection CA (Contoso)"],
    ["O=Contoso", "Contoso"],
    ["C=DE", "somebody without a name"],
    ["CN=a\u001b[2Jb", "a\\u001b[2Jb"],
  ] as const;
  for (const [issuer, said] of cases) {
    await using server = listener(await testCertificate({ issuer }));
    assert.equal((await probe().certificate(server.host, never)).issuer, said);
  }
});

Deno.test("certificate: through a proxy it is the host's", async () => {
  await using server = listener(certificate);
  await using open = connectProxy({ leadsTo: () => server.port });
  const shown = await probe(through(open)).certificate("localhost:8443", never);
  assert.equal(shown.issuer, "Test CA");
  assert.match(open.requests[0] ?? "", /^CONNECT localhost:8443 /);
});

Deno.test("certificate: no TLS, or none to the end", async () => {
  await using plain = rawServer((conn) => writeText(conn, "SSH-2.0-OpenSSH_9.6\r\n"));
  await using mute = rawServer(() => {});
  await using half = rawServer(async (conn) => {
    await conn.read(new Uint8Array(16));
  });
  for (const { host } of [plain, mute, half]) {
    await assert.rejects(probe().certificate(host, never), (error: Error) => {
      assert.ok("code" in error && ["tls-failed", "connect-failed"].includes(String(error.code)));
      assert.ok(error.message.includes(host), error.message);
      return true;
    });
  }
});

Deno.test("isIssuedBy: by one of these authorities, for this host, and now", async () => {
  const other = await testCertificate({ issuer: "CN=Another CA" });
  const past = await testCertificate({ notAfter: new Date(Date.now() - 60_000) });
  const elsewhere = await testCertificate({ names: ["b.example"] });
  const cases = [
    ["its own", certificate, [certificate.ca], true],
    ["its own among others", certificate, [other.ca, certificate.ca], true],
    ["another", certificate, [other.ca], false],
    ["none", certificate, [], false],
    ["its own, of a certificate that has ended", past, [past.ca], false],
    ["its own, of another host's certificate", elsewhere, [elsewhere.ca], false],
  ] as const;
  for (const [what, served, authorities, expected] of cases) {
    await using server = listener(served);
    assert.equal(await probe().isIssuedBy(server.host, authorities, never), expected, what);
  }
});

Deno.test("an abort ends each of them at every stage, with its own reason", async () => {
  const reason = new Error("enough");
  await using silent = rawServer(untilClosed);
  // It opens the way, to a host that does not say a word.
  await using open = rawServer(async (conn) => {
    await readRequestHead(conn);
    await writeText(conn, "HTTP/1.1 200 OK\r\n\r\n");
    await untilClosed(conn);
  });
  const stages: [what: string, proxy: Proxy | undefined, ask: keyof Probe, server: typeof open][] =
    [
      ["CONNECT", through(silent), "reach", silent],
      ["CONNECT", through(silent), "certificate", silent],
      ["TLS", undefined, "certificate", silent],
      ["TLS behind a proxy", through(open), "certificate", open],
      ["TLS", undefined, "isIssuedBy", silent],
    ];
  const call = (one: Probe, ask: keyof Probe, signal: AbortSignal): Promise<unknown> =>
    ask === "isIssuedBy"
      ? one.isIssuedBy(silent.host, [certificate.ca], signal)
      : one[ask](silent.host, signal);
  for (const [what, proxy, ask, server] of stages) {
    const seen = server.connections;
    const stop = new AbortController();
    const asking = call(probe(proxy), ask, stop.signal);
    await eventually("a connection", () => server.connections > seen);
    stop.abort(reason);
    await assert.rejects(asking, reason, `${ask}: ${what}`);
    await assert.rejects(call(probe(proxy), ask, AbortSignal.abort(reason)), reason);
  }
  await assert.rejects(probe().addresses("localhost", AbortSignal.abort(reason)), reason);
});
