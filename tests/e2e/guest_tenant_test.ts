/** A bastion host in a tenant that is not the credential's own: its tokens are that tenant's. */

import assert from "node:assert/strict";
import type { WorldInput } from "../../plugins/emulator/world_schema.ts";
import { assertEcho } from "../helpers/echo_check.ts";
import { CLIENT_SECRET, withAzure } from "../helpers/emulated_azure.ts";

const HOME = "0e0e0e0e-0000-4000-8000-000000000001";
const OTHER = "0e0e0e0e-0000-4000-8000-0000000000f1";
const SUBSCRIPTION = "0e0e0e0e-0000-4000-8000-0000000000a2";
const CLIENT = "0e0e0e0e-0000-4000-8000-0000000000c1";

const world = (otherTenants: string[]): WorldInput => ({
  subscriptions: [
    { id: "0e0e0e0e-0000-4000-8000-0000000000a1", name: "own", tenant: HOME },
    { id: SUBSCRIPTION, name: "theirs", tenant: OTHER },
  ],
  servicePrincipals: [{ clientId: CLIENT, clientSecret: CLIENT_SECRET, otherTenants }],
  bastionHosts: [
    { name: "hub", resourceGroup: "net", subscription: SUBSCRIPTION, enableTunneling: true },
  ],
  virtualMachines: [{
    name: "web1",
    resourceGroup: "app",
    subscription: SUBSCRIPTION,
    privateIp: "10.1.0.4",
    ports: { 22: "echo" },
  }],
});

const env = { AZURE_SUBSCRIPTION_ID: "" };
const scope = ["--subscription", SUBSCRIPTION];

Deno.test("a guest's tunnel: the tenant is learnt from Resource Manager's refusal", () =>
  withAzure({ world: world([OTHER]) }, async (azure) => {
    const tunnel = await azure.openTunnel(22, scope, { env });
    await assertEcho(tunnel.port);
    const list = await azure.start(["list", "--json", ...scope], { env });
    assert.equal((await list.exit()).code, 0);
    const [host] = JSON.parse(list.stdout()).bastionHosts;
    assert.deepEqual([host.name, host.subscription], ["hub", SUBSCRIPTION]);
  }));

Deno.test("a tenant in which one is no guest is a credential error", () =>
  withAzure({ world: world([]) }, async (azure) => {
    const list = await azure.start(["list", "--json", ...scope], { env });
    assert.equal((await list.exit()).code, 4);
    assert.match(String((await list.event("error"))["code"]), /^credential-/);
  }));
