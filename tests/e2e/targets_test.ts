/** `bastion targets`: the VMs, and the bastion host that reaches each, or why none does. */

import assert from "node:assert/strict";
import type { FaultInput } from "../../plugins/emulator/fault_schema.ts";
import type { WorldInput } from "../../plugins/emulator/world_schema.ts";
import { type EmulatedAzure, withAzure } from "../helpers/emulated_azure.ts";

const HUB = "0e0e0e0e-0000-4000-8000-0000000000a1";
const SPOKE = "0e0e0e0e-0000-4000-8000-0000000000a2";

function network(name: string, ...peers: readonly string[]) {
  const subscription = name === "hub" ? HUB : SPOKE;
  return {
    name: `${name}-vnet`,
    resourceGroup: "net",
    subscription,
    peerings: peers.map((peer) => ({ network: `net/${peer}-vnet` })),
  };
}

function machine(name: string, where: string, privateIp: string) {
  return {
    name,
    resourceGroup: "app",
    subscription: where === "hub" ? HUB : SPOKE,
    network: `net/${where}-vnet`,
    privateIp,
  };
}

const world: WorldInput = {
  subscriptions: [{ id: HUB, name: "platform" }, { id: SPOKE, name: "shop" }],
  virtualNetworks: [
    network("hub", "spoke"),
    network("spoke", "hub"),
    network("old"),
    network("island"),
  ],
  bastionHosts: [
    {
      name: "hub",
      resourceGroup: "net",
      subscription: HUB,
      network: "net/hub-vnet",
      enableTunneling: true,
    },
    {
      name: "basic",
      resourceGroup: "net",
      subscription: SPOKE,
      network: "net/old-vnet",
      sku: "Basic",
    },
  ],
  virtualMachines: [
    machine("jump", "hub", "10.0.0.4"),
    machine("web1", "spoke", "10.1.0.4"),
    { ...machine("win", "spoke", "10.1.0.5"), os: "windows", powerState: "deallocated" },
    machine("legacy", "old", "10.2.0.4"),
    machine("lonely", "island", "10.3.0.4"),
  ],
  scaleSets: [{
    name: "pool",
    resourceGroup: "app",
    subscription: SPOKE,
    network: "net/spoke-vnet",
    instances: [{ privateIp: "10.1.1.4", powerState: "stopped" }],
  }],
  pageSize: 2,
};

const NO_GRAPH: FaultInput = {
  at: "arm",
  path: "Microsoft.ResourceGraph",
  kind: "status",
  status: 403,
};

async function run(azure: EmulatedAzure, ...words: readonly string[]) {
  const env = { AZURE_SUBSCRIPTION_ID: "" };
  const process = await azure.start(words, { env, debug: false });
  const { code } = await process.exit();
  return { code, stdout: process.stdout(), stderr: process.stderr() };
}

for (const [how, faults] of [["Resource Graph", []], ["plain lists", [NO_GRAPH]]] as const) {
  Deno.test(`targets: VMs and scale-set instances of all subscriptions, by ${how}`, () =>
    withAzure({ world: { ...world, faults: [...faults] } }, async (azure) => {
      const { code, stdout, stderr } = await run(azure, "targets");
      assert.deepEqual({ code, stderr }, { code: 0, stderr: "" });
      const rows = stdout.trimEnd().split("\n").map((line) => line.split(/ {2,}/));
      assert.deepEqual(rows.map((row) => row.slice(0, 5)), [
        ["VM", "SUBSCRIPTION", "POWER", "OS", "IP"],
        ["app/jump", "platform", "running", "linux", "10.0.0.4"],
        ["app/legacy", "shop", "running", "linux", "10.2.0.4"],
        ["app/lonely", "shop", "running", "linux", "10.3.0.4"],
        ["app/pool/0", "shop", "stopped", "linux", "10.1.1.4"],
        ["app/web1", "shop", "running", "linux", "10.1.0.4"],
        ["app/win", "shop", "deallocated", "windows", "10.1.0.5"],
      ]);
      const reached = Object.fromEntries(rows.map((row) => [row[0], row[5]]));
      assert.equal(reached["VM"], "REACHED BY");
      assert.equal(reached["app/jump"], "net/hub");
      assert.equal(reached["app/web1"], "net/hub (peered)");
      assert.equal(reached["app/pool/0"], "net/hub (peered)");
      assert.match(reached["app/legacy"] ?? "", /^nothing: .*net\/basic has the SKU Basic/);
      assert.match(reached["app/lonely"] ?? "", /^nothing: none stands in its VNet island-vnet/);
    }));
}

Deno.test("targets: one document for scripts; filters", () =>
  withAzure({ world }, async (azure) => {
    const { code, stdout } = await run(azure, "targets", "--json", "--subscription", HUB);
    assert.equal(code, 0);
    const app = `/subscriptions/${HUB}/resourceGroups/app/providers`;
    const net = `/subscriptions/${HUB}/resourceGroups/net/providers`;
    const hub = { name: "hub", resourceGroup: "net", subscription: HUB };
    assert.deepEqual(JSON.parse(stdout), {
      targets: [{
        id: `${app}/Microsoft.Compute/virtualMachines/jump`,
        name: "jump",
        resourceGroup: "app",
        subscription: HUB,
        power: "running",
        os: "linux",
        privateIp: "10.0.0.4",
        networks: [`${net}/Microsoft.Network/virtualNetworks/hub-vnet`.toLowerCase()],
        bastionHost: { id: `${net}/Microsoft.Network/bastionHosts/hub`, ...hub },
        by: "network",
      }],
    });
    const other = await run(azure, "targets", "-g", "nowhere");
    assert.deepEqual(other, {
      code: 0,
      stdout: "",
      stderr: "There is no VM that this credential may see.\n",
    });
    const { targets } = JSON.parse((await run(azure, "targets", "--json", "-g", "APP")).stdout);
    const legacy = targets.find(({ name }: { name: string }) => name === "legacy");
    assert.equal(legacy["bastionHost"], null);
    assert.match(legacy["why"], /SKU Basic/);
  }));
