import assert from "node:assert/strict";
import { fakeArm } from "../../tests/helpers/fake_arm.ts";
import { type BastionHost, checkBastionHost, getBastionHost } from "./bastion_host.ts";

const WHERE = { subscription: "s-1", resourceGroup: "net", name: "hub" };
const ID = "/subscriptions/s-1/resourceGroups/net/providers/Microsoft.Network/bastionHosts/hub";

async function read(document: unknown, tenant?: string): Promise<BastionHost> {
  const arm = fakeArm(() => document, tenant === undefined ? {} : { "s-1": tenant });
  const host = await getBastionHost(arm, WHERE);
  assert.deepEqual(arm.asked, [`GET ${ID}`]);
  return host;
}

Deno.test("getBastionHost: what Resource Manager says of it", async () => {
  const host = await read({
    sku: { name: "Standard" },
    properties: {
      dnsName: "BST-1.bastion.azure.example:8443",
      enableTunneling: true,
      enableIpConnect: true,
      provisioningState: "Updating",
    },
  });
  assert.deepEqual(host, {
    ...WHERE,
    id: ID,
    sku: "Standard",
    endpoint: "bst-1.bastion.azure.example:8443",
    enableTunneling: true,
    enableIpConnect: true,
    provisioningState: "Updating",
  });
});

Deno.test("getBastionHost: its VNet, by its subnet or (Developer) by name; its tenant", async () => {
  const vnet =
    "/subscriptions/S-1/resourceGroups/Net/providers/Microsoft.Network/virtualNetworks/Hub";
  const properties = { dnsName: "b.example" };
  const subnet = { properties: { subnet: { id: `${vnet}/subnets/AzureBastionSubnet` } } };
  for (
    const network of [{ ipConfigurations: [subnet] }, {
      ipConfigurations: [],
      virtualNetwork: { id: vnet },
    }]
  ) {
    const host = await read({ properties: { ...properties, ...network } }, "t-2");
    assert.equal(host.network, vnet.toLowerCase());
    assert.equal(host.tenant, "t-2");
  }
  for (const odd of [null, {}, "x", [7], [{ properties: { subnet: { id: `${vnet}/../x` } } }]]) {
    const host = await read({ properties: { ...properties, ipConfigurations: odd } });
    assert.equal("network" in host || "tenant" in host, false);
  }
});

Deno.test("getBastionHost: what is missing, or of another type, is off", async () => {
  for (const odd of [undefined, null, "true", 1, "yes", {}]) {
    const host = await read({
      sku: odd,
      properties: { dnsName: "b.example", enableTunneling: odd, enableIpConnect: odd },
    });
    const { sku, enableTunneling, enableIpConnect, provisioningState } = host;
    assert.deepEqual(
      [sku, enableTunneling, enableIpConnect, provisioningState],
      ["Basic", false, false, "Succeeded"],
    );
  }
  const { sku } = await read({ sku: { name: "\u001b[2J" }, properties: { dnsName: "b.example" } });
  assert.equal(sku, "\\u001b[2J");
});

Deno.test("getBastionHost: one that is not there, or that cannot be read", async () => {
  await assert.rejects(read(undefined), {
    code: "host-not-found",
    message: "There is no bastion host net/hub in subscription s-1.",
  });
  for (const document of [null, [], "x", {}, { properties: null }, { properties: [] }]) {
    await assert.rejects(read(document), {
      code: "arm-unreadable",
      message: /bastion host net\/hub/,
    });
  }
});

Deno.test("getBastionHost: the address is a bare host name, with a port at most", async () => {
  const good = ["b.example", "127.0.0.1:8443", "a", "bst-1.bastion.azure.example:443"];
  for (const dnsName of good) {
    assert.equal((await read({ properties: { dnsName } })).endpoint, dnsName);
  }
  const bad = [
    undefined,
    "",
    7,
    "https://b.example",
    "b.example/",
    "b.example/api",
    "user@b.example",
    "b.example@evil.example",
    "b.example?x",
    "b.example#x",
    "b.example\\evil",
    "b.example:",
    "b.example:99999",
    "b.example:44x",
    "b.example:443:443",
    "b example",
    "b.example\n",
    "b.example\r\nX: y",
    "-b.example",
    "b.example.",
    "%62.example",
    "[::1]",
    "bücher.example",
    "a".repeat(300),
  ];
  for (const dnsName of bad) {
    await assert.rejects(
      read({ properties: { dnsName } }),
      { code: "host-address-invalid" },
      `${dnsName}`,
    );
  }
});

Deno.test("checkBastionHost: what the host can do", () => {
  const fit: BastionHost = {
    ...WHERE,
    id: ID,
    sku: "Standard",
    endpoint: "b.example",
    enableTunneling: true,
    enableIpConnect: true,
    provisioningState: "Succeeded",
  };
  const byId = { byIpAddress: false, port: 8080 };
  const byIp = { byIpAddress: true, port: 22 };
  type Case = [host: Partial<BastionHost>, wanted: typeof byId, code: string | undefined];
  const cases: Case[] = [
    [{}, byId, undefined],
    [{}, byIp, undefined],
    [{}, { ...byIp, port: 3389 }, undefined],
    [{ sku: "premium", enableIpConnect: false }, byId, undefined],
    [{ sku: "Developer", enableTunneling: false }, { ...byId, port: 22 }, undefined],
    [{ sku: "developer" }, { ...byId, port: 3389 }, undefined],
    [{ sku: "Developer" }, byId, "host-sku-limit"],
    [{ sku: "Developer" }, byIp, "host-sku-limit"],
    [{ sku: "Developer", provisioningState: "Failed" }, byIp, "host-provisioning"],
    [{ provisioningState: "succeeded" }, byId, undefined],
    [{ sku: "Basic" }, byId, "host-sku"],
    [{ sku: "" }, byId, "host-sku"],
    [{ provisioningState: "Updating" }, byId, "host-provisioning"],
    [{ enableTunneling: false }, byId, "host-tunneling-off"],
    [{ enableTunneling: false }, byIp, "host-tunneling-off"],
    [{ enableIpConnect: false }, byIp, "host-ip-connect-off"],
    [{}, { ...byIp, port: 8080 }, "host-ip-connect-port"],
  ];
  for (const [change, wanted, code] of cases) {
    const check = () => checkBastionHost({ ...fit, ...change }, wanted);
    if (code === undefined) check();
    else assert.throws(check, { code, exit: "unfit" }, `${code} ${JSON.stringify(change)}`);
  }
});
