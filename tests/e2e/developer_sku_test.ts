/** The Developer SKU: sessions on a data pod that the bastion host names. */

import assert from "node:assert/strict";
import { assertEcho } from "../helpers/echo_check.ts";
import { withAzure } from "../helpers/emulated_azure.ts";

const bastionHosts = [{ name: "hub", resourceGroup: "net", sku: "Developer" }] as const;

for (const transport of ["webtunnel", "ws"]) {
  Deno.test(`a tunnel through a Developer host, by ${transport}`, () =>
    withAzure({ ports: { 22: "echo" }, bastionHosts: [...bastionHosts] }, async (azure) => {
      const tunnel = await azure.openTunnel(22, [
        "--transport",
        transport,
        "--half-close-grace",
        "0",
      ]);
      for (const count of [1, 2]) {
        await assertEcho(tunnel.port);
        await tunnel.event("connection-closed", { count });
      }
      const { tokenPosts, connectionPosts } = azure.emulator.stats();
      assert.deepEqual({ tokenPosts, connectionPosts }, { tokenPosts: 2, connectionPosts: 2 });
    }));
}

Deno.test("what the Developer SKU cannot do is said before the tunnel is ready", () =>
  withAzure({ ports: { 22: "echo" }, bastionHosts: [...bastionHosts] }, async (azure) => {
    const custom = await azure.start(["tunnel", "--json", ...azure.targetArgs(8080)]);
    assert.equal((await custom.exit()).code, 7);
    const error = await custom.event("error");
    assert.equal(error["code"], "host-sku-limit");
    assert.match(String(error["message"]), /net\/hub has the SKU Developer.* reach port 8080/);
  }));
