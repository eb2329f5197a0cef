/** The real program where the network leads nowhere: it ends in bounded time, and says why. */

import assert from "node:assert/strict";
import { connectProxy } from "../helpers/connect_proxy.ts";
import { deadListener } from "../helpers/dead_listener.ts";
import { assertEcho } from "../helpers/echo_check.ts";
import { type EmulatedAzure, withAzure } from "../helpers/emulated_azure.ts";
import { needsThat } from "../helpers/needs.ts";

const ECHO = 7;
/** A guard against hanging: what is tried again takes twice the 15 s of one attempt. */
const WITHIN = 120_000;

/** The emulator's environment exempts loopback, which is all there is here. */
function behind(proxy: string): Record<string, string> {
  return { HTTPS_PROXY: `http://${proxy}`, NO_PROXY: "", no_proxy: "" };
}

/** Starts a tunnel in a cloud whose services are all at `host`. */
async function startIn(azure: EmulatedAzure, host: string, env: Record<string, string> = {}) {
  const file = azure.file(`cloud-${host.replaceAll(":", "-")}.json`);
  const address = `https://${host}`;
  const cloud = { name: "Nowhere", resourceManager: address, authority: address };
  await Deno.writeTextFile(file, JSON.stringify({ ...cloud, audience: address }));
  return await azure.start(["tunnel", "--json", ...azure.targetArgs(ECHO)], {
    env: { BASTION_CLOUD_FILE: file, ...env },
  });
}

Deno.test("a name that does not exist: dns-failed, which names it", () =>
  withAzure({}, async (azure) => {
    const process = await startIn(azure, "nonexistent.invalid");
    const { code, message, hint, exitCode } = await process.event("error");
    assert.deepEqual([code, exitCode], ["dns-failed", 8]);
    assert.equal(message, "The name nonexistent.invalid cannot be resolved.");
    assert.match(String(hint), /DNS server.*HTTPS_PROXY/);
    assert.equal((await process.exit()).code, 8);
  }));

/** Before there is a tunnel, the program ends. */
async function assertEnds(azure: EmulatedAzure, host: string, proxy?: string): Promise<void> {
  const process = await startIn(azure, host, proxy === undefined ? {} : behind(proxy));
  const { code, message, hint, exitCode } = await process.event("error", { within: WITHIN });
  assert.deepEqual([code, exitCode], ["connect-timeout", 8]);
  const via = proxy === undefined ? "" : ` through the proxy ${proxy}`;
  assert.equal(message, `${host} did not answer within 30 s${via}.`);
  assert.match(String(hint), /firewall .*HTTPS_PROXY/);
  assert.equal((await process.exit()).code, 8);
}

/** Under a tunnel that is ready, the connection ends. */
async function assertConnectionEnds(azure: EmulatedAzure): Promise<void> {
  await using proxy = connectProxy();
  const tunnel = await azure.openTunnel(ECHO, [], { env: behind(proxy.host) });
  proxy.behave("silent");
  using conn = await tunnel.connect();
  const failed = await tunnel.event("connection-failed", { within: WITHIN });
  assert.equal(failed["code"], "connect-timeout");
  assert.equal(
    failed["message"],
    `127.0.0.1:${azure.dataPlanePort} did not answer within 15 s through the proxy ${proxy.host}.`,
  );
  assert.equal(await conn.read(new Uint8Array(1)), null, "EOF, and no reset");
  proxy.behave("open");
  await assertEcho(tunnel.port);
  // While there is still a proxy: sessions are deleted through it.
  tunnel.signal("SIGINT");
  assert.equal((await tunnel.exit()).code, 0);
}

// Linux alone drops what a full backlog has no room for.
needsThat(Deno.build.os === "linux", "Linux").test(
  "a route that is dead: connect-timeout, in bounded time; the program before, a connection after it is ready",
  () =>
    withAzure({ ports: { [ECHO]: "echo" } }, async (azure) => {
      await using dead = await deadListener();
      // At once, since most of it is waiting.
      const results = await Promise.allSettled([
        assertEnds(azure, dead.host),
        assertEnds(azure, "nonexistent.invalid", dead.host),
        assertConnectionEnds(azure),
      ]);
      for (const result of results) if (result.status === "rejected") throw result.reason;
    }),
);
