/** `bastion list`: the bastion hosts, for people and for scripts. */

import assert from "node:assert/strict";
import type { FaultInput } from "../../plugins/emulator/fault_schema.ts";
import type { WorldInput } from "../../plugins/emulator/world_schema.ts";
import { CLIENT_SECRET, type EmulatedAzure, withAzure } from "../helpers/emulated_azure.ts";

const ONE = "0e0e0e0e-0000-4000-8000-0000000000a1";
const TWO = "0e0e0e0e-0000-4000-8000-0000000000a2";
const CLIENT = "0e0e0e0e-0000-4000-8000-0000000000c1";

const world: WorldInput = {
  subscriptions: [{ id: ONE, name: "platform" }, { id: TWO, name: "shop" }],
  servicePrincipals: [{ clientId: CLIENT, clientSecret: CLIENT_SECRET }],
  virtualNetworks: [
    { name: "hub-vnet", resourceGroup: "net", subscription: ONE },
    { name: "shop-vnet", resourceGroup: "net", subscription: TWO },
  ],
  bastionHosts: [
    host("hub", ONE, { enableTunneling: true, enableIpConnect: true }),
    host("off", ONE, { sku: "Premium", provisioningState: "Updating" }),
    host("basic", ONE, { sku: "Basic", resourceGroup: "old" }),
    host("dev", TWO, { sku: "Developer", network: "net/shop-vnet" }),
  ],
  virtualMachines: [
    { name: "web1", resourceGroup: "app", privateIp: "10.1.0.4", network: "net/hub-vnet" },
  ],
  // Every list takes several pages.
  pageSize: 1,
};

type Host = NonNullable<WorldInput["bastionHosts"]>[number];

function host(name: string, subscription: string, more: Partial<Host>): Host {
  return { name, resourceGroup: "net", subscription, network: "net/hub-vnet", ...more };
}

const env = { AZURE_SUBSCRIPTION_ID: "" };

async function run(azure: EmulatedAzure, ...words: readonly string[]) {
  const process = await azure.start(words, { env, debug: false });
  const { code } = await process.exit();
  return { code, stdout: process.stdout(), stderr: process.stderr() };
}

const withWorld = (
  change: Partial<WorldInput>,
  faults: FaultInput[],
  body: (azure: EmulatedAzure) => Promise<void>,
) => withAzure({ world: { ...world, ...change, faults } }, body);

const NO_GRAPH: FaultInput = {
  at: "arm",
  path: "Microsoft.ResourceGraph",
  kind: "status",
  status: 403,
};

for (const [how, faults] of [["Resource Graph", []], ["plain lists", [NO_GRAPH]]] as const) {
  Deno.test(`list: every host that the credential sees, by ${how}`, () =>
    withWorld({}, [...faults], async (azure) => {
      const { code, stdout, stderr } = await run(azure, "list");
      assert.deepEqual({ code, stderr }, { code: 0, stderr: "" });
      assert.equal(
        stdout,
        [
          "HOST       SKU        NATIVE CLIENT  IP CONNECT  VNET       STATE      SUBSCRIPTION",
          "net/hub    Standard   yes            yes         hub-vnet   Succeeded  platform",
          "net/off    Premium    no             no          hub-vnet   Updating   platform",
          "old/basic  Basic      no             no          hub-vnet   Succeeded  platform",
          "net/dev    Developer  yes            no          shop-vnet  Succeeded  shop",
          "",
        ].join("\n"),
      );
      const json = await run(azure, "list", "--json", "-g", "NET", "--subscription", "Shop");
      assert.equal(json.code, 0);
      const { bastionHosts: [dev, ...others] } = JSON.parse(json.stdout);
      assert.deepEqual(others, []);
      const { dnsName, ...rest } = dev;
      assert.match(dnsName, /^127\.0\.0\.1:\d+$/);
      const group = `/subscriptions/${TWO}/resourceGroups/net/providers`;
      assert.deepEqual(rest, {
        id: `${group}/Microsoft.Network/bastionHosts/dev`,
        name: "dev",
        resourceGroup: "net",
        subscription: TWO,
        sku: "Developer",
        nativeClient: true,
        ipConnect: false,
        network: `${group}/Microsoft.Network/virtualNetworks/shop-vnet`.toLowerCase(),
        provisioningState: "Succeeded",
      });
    }));
}

Deno.test("list: a subscription without a role is said, and does not hide the other", () =>
  withWorld(
    { roles: [{ principal: CLIENT, scope: `/subscriptions/${ONE}` }] },
    [],
    async (azure) => {
      const all = await run(azure, "list");
      assert.equal(all.code, 0);
      assert.match(all.stdout, /^net\/hub /m);
      assert.doesNotMatch(all.stdout, /dev/);
      const other = await run(azure, "list", "--subscription", TWO, "--json");
      assert.equal(other.code, 5);
      assert.equal(JSON.parse(other.stdout)["code"], "arm-forbidden");
    },
  ));

Deno.test("list: nothing there, and no such subscription", () =>
  withWorld({}, [], async (azure) => {
    assert.deepEqual(await run(azure, "list", "-g", "nowhere"), {
      code: 0,
      stdout: "",
      stderr: "There is no bastion host that this credential may see.\n",
    });
    const json = await run(azure, "list", "-g", "nowhere", "--json");
    assert.deepEqual(JSON.parse(json.stdout), { bastionHosts: [] });
    const none = await run(azure, "list", "--subscription", "nowhere");
    assert.equal(none.code, 6);
    assert.match(none.stderr, /no subscription nowhere/);
  }));

const refusals: readonly { fault: FaultInput; code: string; exit: number; says: RegExp }[] = [
  {
    fault: { at: "arm", kind: "huge-body", bytes: 10 * 1024 ** 2 },
    code: "http-too-large",
    exit: 8,
    says: /larger than/,
  },
  { fault: { at: "arm", kind: "not-json" }, code: "arm-unreadable", exit: 8, says: /not JSON/ },
  {
    fault: { at: "arm", kind: "status", status: 429, retryAfter: 3_600 },
    code: "arm-throttled",
    exit: 8,
    says: /slow down/,
  },
  {
    fault: { at: "arm", kind: "status", status: 302 },
    code: "arm-unreadable",
    exit: 8,
    says: /where the token must not go/,
  },
];

for (const { fault, code, exit, says } of refusals) {
  Deno.test(`list: ${fault.kind} of Resource Manager is ${code}`, () =>
    withWorld({}, [fault], async (azure) => {
      const { code: status, stdout } = await run(azure, "list", "--json");
      const error = JSON.parse(stdout);
      assert.deepEqual([status, error["code"]], [exit, code]);
      assert.match(error["message"], says);
    }));
}
