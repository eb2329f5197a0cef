/** The real program behind a CONNECT proxy: what takes it, what does not, and what it is told. */

import assert from "node:assert/strict";
import { connectProxy } from "../helpers/connect_proxy.ts";
import { assertEcho } from "../helpers/echo_check.ts";
import { type EmulatedAzure, withAzure } from "../helpers/emulated_azure.ts";
import { eventually } from "../helpers/eventually.ts";
import { freePort } from "../helpers/free_port.ts";

const ECHO = 7;
const PASSWORD = "pl+nt:ed%sécret@";

/** The emulator's environment exempts loopback, which is all there is here. */
function behind(proxy: string, noProxy = ""): Record<string, string> {
  return { HTTPS_PROXY: proxy, NO_PROXY: noProxy, no_proxy: noProxy };
}

/** Runs a tunnel with one connection from its start to its end. */
async function useTunnel(azure: EmulatedAzure, env: Record<string, string>): Promise<void> {
  const before = azure.emulator.stats();
  // A run that finds an earlier one's tokens and lookups asks nobody for them.
  const cold = { XDG_STATE_HOME: azure.file(`state-${before.tokenPosts}`) };
  const tunnel = await azure.openTunnel(ECHO, [], { env: { ...env, ...cold } });
  await assertEcho(tunnel.port);
  tunnel.signal("SIGINT");
  assert.equal((await tunnel.exit()).code, 0);
  const { webSocketsOpened, tokenPosts, tokenDeletes } = azure.emulator.stats();
  assert.deepEqual(
    [webSocketsOpened, tokenPosts, tokenDeletes],
    [before.webSocketsOpened + 1, before.tokenPosts + 1, before.tokenDeletes + 1],
  );
}

/** How the program ends whose tunnel does not come about. */
async function failure(azure: EmulatedAzure, env: Record<string, string>) {
  const process = await azure.start(["tunnel", "--json", ...azure.targetArgs(ECHO)], { env });
  const { code, message, hint, exitCode } = await process.event("error");
  assert.equal((await process.exit()).code, exitCode);
  return { code, message: String(message), hint: String(hint), exitCode };
}

for (const credentials of [undefined, `domain\\user:${PASSWORD}`]) {
  const kind = credentials === undefined ? "without credentials" : "with Basic credentials";
  Deno.test(`proxy ${kind}: every connection to Azure is one that the proxy has made`, () =>
    withAzure({ ports: { [ECHO]: "echo" } }, async (azure) => {
      await using proxy = connectProxy(credentials === undefined ? {} : { credentials });
      const [user, ...password] = credentials?.split(":") ?? [];
      const signIn = user === undefined
        ? ""
        : `${encodeURIComponent(user)}:${encodeURIComponent(password.join(":"))}@`;
      azure.addSecret(PASSWORD);
      await useTunnel(azure, behind(`http://${signIn}${proxy.host}`));

      const asked = proxy.requests.map((head) => head.split("\r\n", 1)[0]);
      const made = (host: string) =>
        asked.filter((line) => line === `CONNECT ${host} HTTP/1.1`).length;
      const { endpointConnections, dataPlaneConnections } = azure.emulator.stats();
      // Entra and Resource Manager; then POST and DELETE on one kept alive, and the WebSocket.
      assert.equal(made(new URL(azure.emulator.endpoint).host), endpointConnections);
      assert.equal(made(`127.0.0.1:${azure.dataPlanePort}`), dataPlaneConnections);
      assert.equal(asked.length, endpointConnections + dataPlaneConnections, "nothing else");
      assert.ok(endpointConnections >= 1 && dataPlaneConnections >= 2);
    }));
}

Deno.test("NO_PROXY: a host, a host's port and a block of addresses go straight", () =>
  withAzure({ ports: { [ECHO]: "echo" } }, async (azure) => {
    const endpoint = new URL(azure.emulator.endpoint).host;
    const dataPlane = `127.0.0.1:${azure.dataPlanePort}`;
    const cases: [noProxy: string, proxied: string[]][] = [
      ["127.0.0.1", []],
      ["10.0.0.0/8, 127.0.0.0/8", []],
      [`elsewhere.example,${dataPlane}`, [endpoint]],
      [endpoint, [dataPlane]],
    ];
    for (const [noProxy, proxied] of cases) {
      await using proxy = connectProxy();
      const before = azure.emulator.stats();
      await useTunnel(azure, behind(`http://${proxy.host}`, noProxy));
      const asked = proxy.requests.map((head) => head.split(" ")[1] ?? "");
      assert.deepEqual([...new Set(asked)], proxied, noProxy);
      const after = azure.emulator.stats();
      const made = after.endpointConnections + after.dataPlaneConnections -
        before.endpointConnections - before.dataPlaneConnections;
      assert.ok(made > asked.length, "some went straight");
    }
  }));

Deno.test("a proxy of another kind than http:// is refused, before anything is sent", () =>
  withAzure({}, async (azure) => {
    azure.addSecret(PASSWORD);
    await using proxy = connectProxy();
    for (const scheme of ["https", "socks5"]) {
      const said = await failure(
        azure,
        behind(`${scheme}://me:${encodeURIComponent(PASSWORD)}@${proxy.host}`),
      );
      assert.deepEqual([said.code, said.exitCode], ["proxy-invalid", 3]);
      assert.equal(
        said.message,
        `The proxy that HTTPS_PROXY names cannot be used: ${scheme}:// proxies are not supported, only http://.`,
      );
      assert.match(said.hint, /http:\/\/HOST:PORT.* USER:PASSWORD@/);
    }
    assert.equal(proxy.requests.length, 0);
    assert.equal(azure.emulator.stats().endpointConnections, 0);
  }));

Deno.test("407 with Negotiate or NTLM: the schemes and the way out are named", () =>
  withAzure({}, async (azure) => {
    for (const schemes of [["Negotiate"], ["NTLM"], ["Negotiate", "NTLM"]]) {
      const offers = schemes.map((scheme) => `Proxy-Authenticate: ${scheme}\r\n`).join("");
      await using proxy = connectProxy({
        refusal: `HTTP/1.1 407 Proxy Authentication Required\r\n${offers}Content-Length: 0\r\n\r\n`,
      });
      const said = await failure(azure, behind(`http://${proxy.host}`));
      assert.deepEqual([said.code, said.exitCode], ["proxy-authentication", 8]);
      assert.ok(said.message.includes(`The proxy ${proxy.host} `), said.message);
      assert.ok(said.message.includes(`(${schemes.join(", ")})`), said.message);
      assert.match(said.hint, /Negotiate or NTLM: .*local proxy.* HTTPS_PROXY/);
    }
    assert.equal(azure.emulator.stats().endpointConnections, 0);
  }));

Deno.test("a proxy that is not there, has no name, or says no, is what the error is about", () =>
  withAzure({}, async (azure) => {
    const port = freePort();
    await using strict = connectProxy({ refusal: "HTTP/1.1 403 Forbidden by policy\r\n\r\n" });
    const target = new URL(azure.emulator.endpoint).host;
    const cases: [proxy: string, code: string, message: RegExp][] = [
      [`127.0.0.1:${port}`, "connect-refused", new RegExp(`^The proxy 127\\.0\\.0\\.1:${port} `)],
      ["nonexistent.invalid:3128", "dns-failed", /nonexistent\.invalid .*the proxy's/],
      [strict.host, "proxy-refused", new RegExp(`^The proxy ${strict.host} .* ${target}`)],
    ];
    for (const [proxy, code, message] of cases) {
      const said = await failure(azure, behind(`http://${proxy}`));
      assert.deepEqual([said.code, said.exitCode], [code, 8]);
      assert.match(said.message, message);
    }
    await eventually("the refusal", () => strict.requests.length > 0);
    assert.equal(azure.emulator.stats().endpointConnections, 0);
  }));
