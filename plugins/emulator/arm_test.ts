import assert from "node:assert/strict";
import { demoWorld } from "./demo_world.ts";
import { startEmulator } from "./emulator.ts";
import { createTestClient } from "./test_client.ts";

const V = "?api-version=2024-01-01";

function codeOf(json: Readonly<Record<string, unknown>>): unknown {
  const { error } = json;
  return typeof error === "object" && error !== null && "code" in error ? error.code : undefined;
}

Deno.test("hosts, VMs and subscriptions are listed and found, whatever the case", async () => {
  await using emulator = await startEmulator({
    world: {
      ...demoWorld,
      bastionHosts: [
        ...demoWorld.bastionHosts,
        { name: "plain", resourceGroup: "other-rg", sku: "Basic" },
      ],
    },
  });
  using client = createTestClient(emulator);
  const token = await client.accessToken();
  const [host] = emulator.world.bastionHosts;
  const [vm] = emulator.world.virtualMachines;
  assert.ok(host && vm);
  const subscription = `/subscriptions/${host.subscription.id}`;
  const names = async (path: string) => {
    const { status, json } = await client.get(`${path}${V}`, token);
    assert.equal(status, 200, path);
    const { value } = json;
    assert.ok(Array.isArray(value));
    return value.map((one) => one.name ?? one.displayName);
  };
  const hosts = "providers/Microsoft.Network/bastionHosts";
  const machines = "providers/Microsoft.Compute/virtualMachines";
  assert.deepEqual(await names("/subscriptions"), ["Emulator"]);
  assert.deepEqual(await names(`${subscription}/${hosts}`), ["demo-bastion", "plain"]);
  assert.deepEqual(await names(`${subscription}/resourceGroups/DEMO-RG/${hosts}`), [
    "demo-bastion",
  ]);
  assert.deepEqual(await names(`${subscription}/${machines}`), ["demo-vm"]);
  assert.deepEqual(await names(`${subscription}/resourceGroups/nowhere/${machines}`), []);

  const one = await client.get(`${host.id.toUpperCase()}${V}`, token);
  assert.equal(one.status, 200);
  assert.equal(one.json["id"], host.id);
  assert.deepEqual(one.json["sku"], { name: "Standard" });
  const properties = Object(one.json["properties"]);
  const { provisioningState, dnsName, scaleUnits, enableTunneling, enableIpConnect } = properties;
  assert.deepEqual(
    { provisioningState, dnsName, scaleUnits, enableTunneling, enableIpConnect },
    {
      provisioningState: "Succeeded",
      dnsName: emulator.dnsNameOf(host),
      scaleUnits: 2,
      enableTunneling: true,
      enableIpConnect: true,
    },
  );
  assert.equal(
    properties.ipConfigurations[0].properties.subnet.id,
    `${host.network.id}/subnets/AzureBastionSubnet`,
  );
  const basic = await client.get(`${emulator.world.bastionHosts[1]?.id}${V}`, token);
  assert.ok(!basic.text.includes("enableTunneling"), "Azure leaves out what a SKU has not");
  assert.equal((await client.get(`${vm.id}${V}`, token)).json["name"], "demo-vm");
  const alone = await client.get(`${subscription}${V}`, token);
  assert.equal(alone.json["tenantId"], host.subscription.tenant);
});

Deno.test("what is wrong with a request is said in Resource Manager's words", async () => {
  await using emulator = await startEmulator({
    world: {
      ...demoWorld,
      subscriptions: [
        { id: "0e0e0e0e-0000-4000-8000-0000000000b1", name: "Ours" },
        {
          id: "0e0e0e0e-0000-4000-8000-0000000000b2",
          name: "Theirs",
          tenant: "0e0e0e0e-0000-4000-8000-0000000000b3",
        },
      ],
    },
  });
  using client = createTestClient(emulator);
  const token = await client.accessToken();
  const host = emulator.world.bastionHosts[0]?.id ?? "";
  const expect = async (path: string, status: number, code: string, method = "GET") => {
    const answer = await client.request(`${emulator.endpoint}${path}`, {
      method,
      headers: { Authorization: `Bearer ${token}` },
    });
    assert.deepEqual([answer.status, codeOf(answer.json)], [status, code], path);
  };
  await expect(host, 400, "MissingApiVersionParameter");
  await expect(`${host}?api-version=latest`, 400, "InvalidApiVersionParameter");
  await expect(`${host}x${V}`, 404, "ResourceNotFound");
  await expect(`${host.replace("demo-rg", "nowhere")}${V}`, 404, "ResourceGroupNotFound");
  await expect(`/subscriptions/${crypto.randomUUID()}${V}`, 404, "SubscriptionNotFound");
  await expect(
    `/subscriptions/0e0e0e0e-0000-4000-8000-0000000000b2${V}`,
    401,
    "InvalidAuthenticationTokenTenant",
  );
  await expect(`/nonsense${V}`, 404, "InvalidResourceType");
  await expect(`${host}${V}`, 405, "MethodNotAllowed", "DELETE");

  const anonymous = await client.request(`${emulator.endpoint}${host}${V}`);
  assert.equal(anonymous.status, 401);
  assert.equal(codeOf(anonymous.json), "AuthenticationFailed");
  assert.match(anonymous.headers.get("WWW-Authenticate") ?? "", /^Bearer authorization_uri=/);
});
