import assert from "node:assert/strict";
import { type FakeArm, fakeArm } from "../../tests/helpers/fake_arm.ts";
import { BastionError, bastionError } from "../errors.ts";
import { createLogger, type LogRecord } from "../logger.ts";
import { createManualClock } from "../testing/manual_clock.ts";
import { createInventory } from "./create_inventory.ts";

const S1 = "aaaaaaaa-0000-0000-0000-000000000001";
const S2 = "aaaaaaaa-0000-0000-0000-000000000002";
const GRAPH = "/providers/Microsoft.ResourceGraph/resources";

const idOf = (subscription: string, group: string, type: string, name: string) =>
  `/subscriptions/${subscription}/resourceGroups/${group}/providers/${type}/${name}`;
const vnet = (name: string) => idOf(S1, "Net", "Microsoft.Network/virtualNetworks", name);
const lower = (name: string) => vnet(name).toLowerCase();

function host(subscription: string, name: string, network: string, sku = "Standard") {
  return {
    id: idOf(subscription, "net", "Microsoft.Network/bastionHosts", name),
    sku: { name: sku },
    properties: {
      dnsName: `${name}.example`,
      enableTunneling: true,
      provisioningState: "Succeeded",
      ipConfigurations: [{ properties: { subnet: { id: `${vnet(network)}/subnets/x` } } }],
    },
  };
}

const WEB = idOf(S1, "app", "Microsoft.Compute/virtualMachines", "web1");
const BATCH = idOf(S1, "app", "Microsoft.Compute/virtualMachineScaleSets", "batch");
const NIC = idOf(S1, "app", "Microsoft.Network/networkInterfaces", "web1-nic");
const NIC2 = idOf(S1, "app", "Microsoft.Network/networkInterfaces", "web1-nic2");

const configurations = (privateIPAddress: string, network: string) => [{
  properties: { privateIPAddress, subnet: { id: `${vnet(network)}/subnets/default` } },
}];
const nic = {
  id: NIC,
  properties: { ipConfigurations: configurations("10.1.0.4", "App") },
};
const nic2 = {
  id: NIC2,
  properties: { ipConfigurations: configurations("10.2.0.4", "Data") },
};
const web = {
  id: WEB,
  properties: {
    storageProfile: { osDisk: { osType: "Linux" } },
    networkProfile: {
      networkInterfaces: [{ id: NIC2 }, { id: NIC.toUpperCase(), properties: { primary: true } }],
    },
  },
};
const statuses = (power: string) => ({
  statuses: [{ code: "ProvisioningState/succeeded" }, { code: `PowerState/${power}` }],
});
const instance = {
  id: `${BATCH}/virtualMachines/3`,
  properties: {
    storageProfile: { osDisk: { osType: "Windows" } },
    instanceView: statuses("deallocated"),
  },
};
const instanceNic = {
  id: `${BATCH}/virtualMachines/3/networkInterfaces/nic`,
  properties: {
    primary: true,
    virtualMachine: { id: instance.id },
    ipConfigurations: configurations("10.1.0.9", "App"),
  },
};

/** What Azure answers, by path; a forbidden path throws. */
type Answers = Record<string, unknown>;
const list = (...value: unknown[]) => ({ value });
const forbidden = () => bastionError("arm-forbidden", { resource: "x", detail: "" });

const SUBSCRIPTIONS = list(
  { subscriptionId: S1, displayName: "One" },
  { subscriptionId: S2, displayName: "Two" },
);
const compute = (subscription: string) =>
  `/subscriptions/${subscription}/providers/Microsoft.Compute`;
const network = (subscription: string) =>
  `/subscriptions/${subscription}/providers/Microsoft.Network`;

const PLAIN: Answers = {
  "/subscriptions": SUBSCRIPTIONS,
  [GRAPH]: forbidden(),
  [`${network(S1)}/bastionHosts`]: list(host(S1, "hub", "Hub"), host(S1, "app", "App", "Basic")),
  [`${network(S2)}/bastionHosts`]: list(),
  [`${compute(S1)}/virtualMachines`]: list(web),
  [`${compute(S1)}/virtualMachines?statusOnly=true`]: list({
    id: WEB.toUpperCase(),
    properties: { instanceView: statuses("running") },
  }),
  [`${compute(S1)}/virtualMachineScaleSets`]: list(
    { id: BATCH, properties: { orchestrationMode: "Uniform" } },
    { id: `${BATCH}2`, properties: { orchestrationMode: "Flexible" } },
  ),
  [`${BATCH}/virtualMachines?$expand=instanceView`]: list(instance),
  [`${BATCH}/networkInterfaces`]: list(instanceNic),
  [`${network(S1)}/networkInterfaces`]: list(nic, nic2),
  [`${WEB}?$expand=instanceView`]: {
    ...web,
    properties: { ...web.properties, instanceView: statuses("running") },
  },
  [NIC.toUpperCase()]: nic,
  [NIC2]: nic2,
  [`${instance.id}?$expand=instanceView`]: instance,
  [`${instance.id}/networkInterfaces`]: list(instanceNic),
  [lower("App")]: {
    properties: {
      virtualNetworkPeerings: [
        { properties: { remoteVirtualNetwork: { id: vnet("Hub") }, peeringState: "Connected" } },
        { properties: { remoteVirtualNetwork: { id: vnet("Old") }, peeringState: "Initiated" } },
        { properties: {} },
        null,
      ],
    },
  },
};

function setUp(answers: Answers, tenants = {}) {
  const arm: FakeArm = fakeArm((path) => {
    const answer = answers[path];
    if (answer instanceof BastionError) throw answer;
    return answer;
  }, tenants);
  const records: LogRecord[] = [];
  const clock = createManualClock();
  const log = createLogger("test", (record) => records.push(record));
  return { arm, clock, inventory: createInventory(arm, clock, log), records };
}

const MACHINES = [
  {
    id: BATCH + "/virtualMachines/3",
    name: "batch/3",
    resourceGroup: "app",
    subscription: S1,
    power: "deallocated",
    os: "windows",
    privateIp: "10.1.0.9",
    networks: [lower("App")],
  },
  {
    id: WEB,
    name: "web1",
    resourceGroup: "app",
    subscription: S1,
    power: "running",
    os: "linux",
    privateIp: "10.1.0.4",
    networks: [lower("App"), lower("Data")],
  },
];

Deno.test("virtualMachines: by plain lists, where Resource Graph may not be asked", async () => {
  for (
    const refusal of [
      forbidden(),
      undefined,
      bastionError("arm-refused", { resource: "x", status: 400, detail: "" }),
    ]
  ) {
    const { inventory, arm } = setUp({ ...PLAIN, [GRAPH]: refusal });
    assert.deepEqual(await inventory.virtualMachines([S1]), MACHINES);
    assert.equal(arm.asked.filter((one) => one === `POST ${GRAPH}`).length, 1);
  }
});

Deno.test("virtualMachines: the same by Resource Graph, page after page", async () => {
  const row = (type: string, more: object) => ({ type, ...more });
  const pages = [
    {
      $skipToken: "more",
      data: [
        row("microsoft.compute/virtualmachines", {
          id: WEB,
          os: "Linux",
          power: "PowerState/running",
          interfaces: web.properties.networkProfile.networkInterfaces,
        }),
        row("microsoft.network/networkinterfaces", {
          id: NIC,
          configurations: nic.properties.ipConfigurations,
        }),
      ],
    },
    {
      data: [
        row("microsoft.network/networkinterfaces", {
          id: NIC2,
          configurations: nic2.properties.ipConfigurations,
        }),
        row("Microsoft.Compute/virtualMachineScaleSets", { id: BATCH, mode: "Uniform" }),
        row("microsoft.compute/virtualmachinescalesets", { id: `${BATCH}2`, mode: "Flexible" }),
        null,
      ],
    },
  ];
  const bodies: unknown[] = [];
  const arm = fakeArm((path, { body }) => {
    if (path !== GRAPH) return PLAIN[path];
    bodies.push(body);
    return pages[bodies.length - 1];
  });
  const log = createLogger("test", () => {});
  const inventory = createInventory(arm, createManualClock(), log);
  assert.deepEqual(await inventory.virtualMachines([S1.toUpperCase()]), MACHINES);
  const query = "resources | where type in~ ('microsoft.compute/virtualmachines', " +
    "'microsoft.compute/virtualmachinescalesets', 'microsoft.network/networkinterfaces') | " +
    "project id, type, os = properties.storageProfile.osDisk.osType, " +
    "interfaces = properties.networkProfile.networkInterfaces, " +
    "power = properties.extended.instanceView.powerState.code, " +
    "configurations = properties.ipConfigurations, mode = properties.orchestrationMode";
  const options = { resultFormat: "objectArray", $top: 1_000 };
  assert.deepEqual(bodies, [
    { subscriptions: [S1], query, options },
    { subscriptions: [S1], query, options: { ...options, $skipToken: "more" } },
  ]);
});

Deno.test("a subscription that may not be read is said, and does not hide the others", async () => {
  const { inventory, records } = setUp({ ...PLAIN, [`${network(S2)}/bastionHosts`]: forbidden() });
  const hosts = await inventory.bastionHosts([S2, S1]);
  assert.deepEqual(hosts.map(({ name }) => name), ["app", "hub"]);
  assert.deepEqual(records.map(({ level, fields }) => [level, fields["subscription"]]), [
    ["warning", S2],
  ]);
  await assert.rejects(inventory.bastionHosts([S2]), { code: "arm-forbidden" });
});

Deno.test("a subscription that the own tenant does not show is listed, not asked for", async () => {
  const other = "aaaaaaaa-0000-0000-0000-0000000000ff";
  const { inventory, arm } = setUp(
    { ...PLAIN, [`${network(other)}/bastionHosts`]: list(host(other, "far", "Far")) },
    { [other]: "t-2" },
  );
  const [far] = await inventory.bastionHosts([other]);
  assert.deepEqual([far?.name, far?.tenant, far?.network], ["far", "t-2", lower("Far")]);
  assert.equal(arm.asked.includes(`POST ${GRAPH}`), false);
});

Deno.test("what makes no sense is left out, and the rest stays", async () => {
  const { inventory, records } = setUp({
    ...PLAIN,
    [`${network(S1)}/bastionHosts`]: list(
      null,
      { id: "/subscriptions/x", properties: {} },
      { ...host(S1, "making", "Hub"), properties: { provisioningState: "Creating" } },
      { ...host(S1, "evil", "Hub"), properties: { dnsName: "a@evil.example" } },
      host(S1, "hub", "Hub"),
    ),
    [`${compute(S1)}/virtualMachines`]: list(7, {}, { id: BATCH }, { id: `${WEB}/../x` }, {
      id: WEB,
      properties: { storageProfile: 7, networkProfile: { networkInterfaces: [7, { id: 7 }, {}] } },
    }),
    [`${compute(S1)}/virtualMachines?statusOnly=true`]: list(null, {
      id: WEB,
      properties: { instanceView: { statuses: [7, { code: "PowerState/\u001b[2J" }] } },
    }),
    [`${compute(S1)}/virtualMachineScaleSets`]: forbidden(),
    [`${network(S1)}/networkInterfaces`]: forbidden(),
  });
  assert.deepEqual((await inventory.bastionHosts([S1])).map(({ name }) => name), ["hub"]);
  assert.equal(records.length, 4);
  assert.deepEqual(await inventory.virtualMachines([S1]), [
    { id: WEB, name: "web1", resourceGroup: "app", subscription: S1, networks: [] },
  ]);
  assert.equal(records.length, 6);
});

Deno.test("virtualMachine: one, with its power state and its own interfaces", async () => {
  const { inventory } = setUp(PLAIN);
  const [batch, one] = MACHINES;
  assert.deepEqual(await inventory.virtualMachine(`${WEB}/`), one);
  assert.deepEqual(await inventory.virtualMachine(instance.id), batch);
  assert.equal(await inventory.virtualMachine(`${WEB}x`), undefined);
  assert.equal(await inventory.virtualMachine(vnet("App")), undefined);
  assert.equal(await inventory.virtualMachine("web1"), undefined);
});

Deno.test("virtualMachine: what may not be read", async () => {
  const blind = setUp({ ...PLAIN, [`${WEB}?$expand=instanceView`]: forbidden() });
  await assert.rejects(blind.inventory.virtualMachine(WEB), {
    code: "vm-forbidden",
    message: /read the VM app\/web1 \(HTTP 403\)/,
    hint: new RegExp(`Reader role on ${WEB}`),
  });
  const half = setUp({ ...PLAIN, [NIC2]: forbidden() });
  const vm = await half.inventory.virtualMachine(WEB);
  assert.deepEqual([vm?.privateIp, vm?.networks], ["10.1.0.4", [lower("App")]]);
  assert.equal(half.records.length, 1);
});

Deno.test("peeredNetworks: the connected ones, in lower case", async () => {
  const { inventory } = setUp(PLAIN);
  assert.deepEqual(await inventory.peeredNetworks(vnet("APP")), [lower("Hub")]);
  assert.deepEqual(await inventory.peeredNetworks(vnet("Nowhere")), []);
  assert.deepEqual(await inventory.peeredNetworks("nonsense"), []);
});

Deno.test("reach: by peering; hosts and peerings are read once for many VMs", async () => {
  const { inventory, arm, clock } = setUp(PLAIN);
  const machines = await inventory.virtualMachines([S1]);
  const before = arm.asked.length;
  const found = await Promise.all(machines.map((vm) => inventory.reach(vm)));
  assert.deepEqual(found.map((one) => "host" in one && [one.host.name, one.by]), [
    ["hub", "peering"],
    ["hub", "peering"],
  ]);
  const once = [
    `LIST ${network(S1)}/bastionHosts`,
    `GET ${lower("App")}`,
    `GET ${lower("Data")}`,
    `LIST ${network(S2)}/bastionHosts`,
    `POST ${GRAPH}`,
  ];
  assert.deepEqual(arm.asked.slice(before).sort(), once.sort());
  await clock.advance(60_000);
  for (const vm of machines.slice(0, 1)) await inventory.reach(vm);
  assert.ok(arm.asked.length > before + once.length, "asked again after a minute");
});

Deno.test("reach: peerings that may not be read hide no host of the own VNet", async () => {
  const { inventory, records } = setUp({
    ...PLAIN,
    [`${network(S1)}/bastionHosts`]: list(host(S1, "own", "Data")),
    [lower("App")]: forbidden(),
  });
  const vm = { resourceGroup: "app", subscription: S1 };
  const own = await inventory.reach({ ...vm, networks: [lower("Data")] });
  assert.equal("host" in own && own.host.name, "own");
  const none = await inventory.reach({ ...vm, networks: [lower("App")] });
  assert.match("why" in none ? none.why : "", /none stands in its VNet app/);
  assert.equal(records.at(-1)?.message, "the peerings of a VNet are not known");
});
