/** Resource Manager over a world with networks, scale sets, tenants and roles. */

import assert from "node:assert/strict";
import type { TestClient } from "./test_client.ts";
import { APP, subscriptions, tenants, withWorld } from "./test_world.ts";

const V = "api-version=2024-07-01";
const SPOKE_APP = `/subscriptions/${subscriptions.spoke}/resourceGroups/app`;
const HUB_NET = `/subscriptions/${subscriptions.hub}/resourceGroups/net`;
const SET = `${SPOKE_APP}/providers/Microsoft.Compute/virtualMachineScaleSets/set`;
const WEB1 = `${SPOKE_APP}/providers/Microsoft.Compute/virtualMachines/web1`;

/** What stands in a document at `path`, as `value.0.id`; all but the last step must be there. */
function dig(document: unknown, path: string): unknown {
  return path.split(".").reduce<unknown>((value, key) => {
    if (typeof value === "object" && value !== null) return Reflect.get(value, key);
    assert.fail(`nothing has a ${key} at ${path}: ${JSON.stringify(document)}`);
  }, document);
}

/** `path` of each of the list that stands in a document at `list`. */
function digEach(document: unknown, list: string, path: string): unknown[] {
  const all = dig(document, list);
  assert.ok(Array.isArray(all), `no list at ${list}: ${JSON.stringify(document)}`);
  return all.map((one) => dig(one, path));
}

async function read(client: TestClient, path: string, token?: string): Promise<unknown> {
  const { status, json, text } = await client.get(
    `${path}${path.includes("?") ? "&" : "?"}${V}`,
    token,
  );
  assert.equal(status, 200, `${path}: ${text}`);
  return json;
}

async function idsOf(client: TestClient, path: string, token?: string): Promise<string[]> {
  const list = await read(client, path, token);
  return digEach(list, "value", "id").map((id) => String(id).split("/").slice(-1)[0] ?? "");
}

async function refusal(client: TestClient, path: string, token?: string) {
  const { status, json, headers } = await client.get(`${path}?${V}`, token);
  const { error } = json;
  return { status, code: dig(error, "code"), message: dig(error, "message"), headers };
}

Deno.test("power states: in the instance view, expanded, and of all at once", () =>
  withWorld({}, async (client) => {
    const powerIn = (view: unknown) => digEach(view, "statuses", "code").at(-1);
    const win1 = `${HUB_NET}/providers/Microsoft.Compute/virtualMachines/win1`;
    assert.equal(dig(await read(client, win1), "properties.instanceView"), undefined);
    const expanded = await read(client, `${win1}?$expand=instanceView`);
    assert.equal(powerIn(dig(expanded, "properties.instanceView")), "PowerState/deallocated");
    assert.equal(dig(expanded, "properties.storageProfile.osDisk.osType"), "Windows");
    assert.equal(powerIn(await read(client, `${WEB1}/instanceView`)), "PowerState/running");
    const all = await read(
      client,
      `/subscriptions/${subscriptions.hub}/providers/Microsoft.Compute/virtualMachines?statusOnly=true`,
    );
    assert.deepEqual(digEach(all, "value", "name"), ["win1", "far", "near"]);
    assert.deepEqual(
      digEach(all, "value", "properties.instanceView").map(powerIn),
      ["PowerState/deallocated", "PowerState/running", "PowerState/running"],
    );
  }));

Deno.test("a VM's interface leads to its address and VNet, a VNet to its peerings", () =>
  withWorld({}, async (client, { world }) => {
    const vm = await read(client, WEB1);
    const id = String(dig(vm, "properties.networkProfile.networkInterfaces.0.id"));
    const nic = dig(await read(client, id), "properties.ipConfigurations.0.properties");
    assert.equal(dig(nic, "privateIPAddress"), "10.2.0.4");
    const network = String(dig(nic, "subnet.id")).replace(/\/subnets\/.*/, "");
    const peering = dig(
      await read(client, network),
      "properties.virtualNetworkPeerings.0.properties",
    );
    assert.equal(dig(peering, "peeringState"), "Connected");
    assert.equal(dig(peering, "remoteVirtualNetwork.id"), world.virtualNetworks[0]?.id);
    assert.deepEqual(await idsOf(client, `${network}/virtualNetworkPeerings`), ["to-hub"]);
    assert.equal(
      dig(await read(client, `${network}/virtualNetworkPeerings/to-hub`), "name"),
      "to-hub",
    );
    assert.deepEqual(
      await idsOf(
        client,
        `/subscriptions/${subscriptions.hub}/providers/Microsoft.Network/virtualNetworks`,
      ),
      ["hub-vnet", "lonely-vnet"],
    );
  }));

Deno.test("a scale set has instances, with power, and interfaces of one or of all", () =>
  withWorld({}, async (client) => {
    assert.equal(dig(await read(client, SET), "sku.capacity"), 2);
    assert.deepEqual(await idsOf(client, `${SET}/virtualMachines`), ["0", "3"]);
    const one = await read(client, `${SET}/virtualMachines/3?$expand=instanceView`);
    assert.equal(dig(one, "instanceId"), "3");
    assert.equal(dig(one, "properties.instanceView.statuses.1.code"), "PowerState/stopped");
    assert.equal(
      dig(await read(client, `${SET}/virtualMachines/3/instanceView`), "statuses.1.displayStatus"),
      "VM stopped",
    );
    const all = await read(client, `${SET}/networkInterfaces`);
    assert.deepEqual(
      digEach(all, "value", "properties.ipConfigurations.0.properties.privateIPAddress"),
      ["10.2.1.4", "10.2.1.5"],
    );
    assert.deepEqual(await idsOf(client, `${SET}/virtualMachines/0/networkInterfaces`), ["nic0"]);
    assert.equal(
      (await refusal(client, `${SET}2/virtualMachines`)).code,
      "ParentResourceNotFound",
    );
    assert.equal((await refusal(client, `${SET}/virtualMachines/9`)).code, "ResourceNotFound");
    assert.deepEqual(
      await idsOf(
        client,
        `/subscriptions/${subscriptions.spoke}/providers/Microsoft.Compute/virtualMachines`,
      ),
      ["web1"],
      "instances are not among the VMs",
    );
  }));

Deno.test("a Developer host tells its VNet in another place", () =>
  withWorld({}, async (client, { world }) => {
    const host = await read(client, `${HUB_NET}/providers/Microsoft.Network/bastionHosts/dev`);
    assert.equal(dig(host, "properties.virtualNetwork.id"), world.virtualNetworks[0]?.id);
    assert.equal(dig(host, "properties.enableTunneling"), undefined);
  }));

Deno.test("long lists come in pages", () =>
  withWorld({ pageSize: 2 }, async (client) => {
    const names: unknown[] = [];
    let next: unknown =
      `/subscriptions/${subscriptions.hub}/providers/Microsoft.Compute/virtualMachines?${V}`;
    const sizes: number[] = [];
    while (next !== undefined) {
      const { json } = await client.get(String(next).replace(/^https:\/\/[^/]+/, ""));
      const page = digEach(json, "value", "name");
      names.push(...page);
      sizes.push(page.length);
      next = json["nextLink"];
    }
    assert.deepEqual([names, sizes], [["win1", "far", "near"], [2, 1]]);
    const wrong = await client.get(`/subscriptions?${V}&$skiptoken=zzz`);
    assert.equal(wrong.status, 400);
  }));

Deno.test("resource groups are those that something stands in", () =>
  withWorld({}, async (client) => {
    const groups = `/subscriptions/${subscriptions.spoke}/resourcegroups`;
    assert.deepEqual(await idsOf(client, groups), ["app"]);
    assert.equal(dig(await read(client, `${groups}/APP`), "name"), "app");
    assert.equal((await refusal(client, `${groups}/none`)).code, "ResourceGroupNotFound");
  }));

Deno.test("a token of another tenant is refused, and the right one is named", () =>
  withWorld({}, async (client, { endpoint }) => {
    const path =
      `/subscriptions/${subscriptions.guest}/providers/Microsoft.Compute/virtualMachines`;
    const own = await client.userToken("ada@home.test", "ada's password");
    const { status, code, headers } = await refusal(client, path, own);
    assert.deepEqual([status, code], [401, "InvalidAuthenticationTokenTenant"]);
    assert.ok(
      headers.get("WWW-Authenticate")?.startsWith(
        `Bearer authorization_uri="${endpoint}/${tenants.guest}", error="invalid_token"`,
      ),
    );
    const guest = await client.userToken("ada@home.test", "ada's password", tenants.guest);
    assert.deepEqual(await idsOf(client, path, guest), []);
    assert.deepEqual(await idsOf(client, "/subscriptions", guest), [subscriptions.guest]);
    assert.deepEqual(await idsOf(client, "/subscriptions", own), [
      subscriptions.hub,
      subscriptions.spoke,
    ]);
    assert.deepEqual(await idsOf(client, "/tenants", own), [tenants.home, tenants.guest]);
  }));

Deno.test("roles decide what is read, listed and counted", () =>
  withWorld({
    roles: [
      { principal: APP, scope: `/subscriptions/${subscriptions.hub}` },
      { principal: "ada@home.test", role: "Virtual Machine User Login", scope: WEB1 },
    ],
    eligibleRoles: [
      { principal: "ada@home.test", scope: `/subscriptions/${subscriptions.hub}` },
      { principal: "bob@home.test", role: "Owner", scope: WEB1 },
    ],
  }, async (client, { world }) => {
    const ada = await client.userToken("ada@home.test", "ada's password");
    const bob = await client.userToken("bob@home.test", "bob's password");
    const machines = (id: string) =>
      `/subscriptions/${id}/providers/Microsoft.Compute/virtualMachines`;
    assert.deepEqual(await idsOf(client, machines(subscriptions.spoke), ada), ["web1"]);
    assert.deepEqual(await idsOf(client, "/subscriptions", ada), [subscriptions.spoke]);
    assert.deepEqual(await idsOf(client, "/subscriptions", bob), []);
    const forbidden = await refusal(client, machines(subscriptions.hub), ada);
    assert.deepEqual([forbidden.status, forbidden.code], [403, "AuthorizationFailed"]);
    const oid = world.users[0]?.objectId;
    assert.equal(
      forbidden.message,
      `The client 'ada@home.test' with object id '${oid}' does not have authorization to perform action 'Microsoft.Compute/virtualMachines/read' over scope '/subscriptions/${subscriptions.hub}' or the scope is invalid. If access was recently granted, please refresh your credentials.`,
    );
    assert.ok(forbidden.headers.get("x-ms-correlation-request-id"));
    const nic = `${SPOKE_APP}/providers/Microsoft.Network/networkInterfaces/web1-nic`;
    assert.equal(
      (await refusal(client, nic, ada)).status,
      403,
      "a role at the VM is not at its NIC",
    );
    assert.equal((await refusal(client, `${WEB1}x`, bob)).status, 403, "before it is 404");

    const authorization = "providers/Microsoft.Authorization";
    const permissions = await read(client, `${WEB1}/${authorization}/permissions`, ada);
    assert.match(String(dig(permissions, "value.0.dataActions.0")), /login/);
    assert.deepEqual(await idsOf(client, `${WEB1}/${authorization}/permissions`, bob), []);
    const assignments = await read(
      client,
      `/subscriptions/${subscriptions.hub}/${authorization}/roleAssignments?$filter=atScope()`,
    );
    assert.equal(dig(assignments, "value.0.properties.principalType"), "ServicePrincipal");
    const assigned = async (filter: string) =>
      (await idsOf(client, `${HUB_NET}/${authorization}/roleAssignments?$filter=${filter}`)).length;
    const own = world.servicePrincipals[0]?.objectId;
    assert.equal(await assigned(`atScope() and assignedTo('${own}')`), 1);
    assert.equal(await assigned(`principalId eq '${oid}'`), 0);
    assert.match(String(dig(assignments, "value.0.properties.roleDefinitionId")), /acdd72a7/);
    const eligible = await read(
      client,
      `${HUB_NET}/${authorization}/roleEligibilityScheduleInstances?$filter=asTarget()`,
      ada,
    );
    assert.deepEqual(
      digEach(eligible, "value", "properties.expandedProperties.roleDefinition.displayName"),
      ["Reader"],
    );
  }));

Deno.test("Resource Graph answers for what may be read, in pages", () =>
  withWorld({
    pageSize: 2,
    roles: [{ principal: APP, scope: `/subscriptions/${subscriptions.hub}` }, {
      principal: APP,
      scope: SET,
    }],
  }, async (client, { endpoint }) => {
    const token = await client.accessToken();
    const ask = async (body: unknown) => {
      return await client.request(
        `${endpoint}/providers/Microsoft.ResourceGraph/resources?api-version=2022-10-01`,
        {
          method: "POST",
          headers: { Authorization: `Bearer ${token}`, "Content-Type": "application/json" },
          body: JSON.stringify(body),
        },
      );
    };
    const query = "resources | where type =~ 'Microsoft.Compute/virtualMachines' " +
      "| project name, resourceGroup, power = properties.extended.instanceView.powerState.code";
    const first = await ask({ query, subscriptions: Object.values(subscriptions) });
    assert.equal(first.json["totalRecords"], 3);
    assert.deepEqual(dig(first.json, "data.0"), {
      name: "win1",
      resourceGroup: "net",
      power: "PowerState/deallocated",
    });
    const second = await ask({ query, options: { $skipToken: first.json["$skipToken"] } });
    assert.deepEqual(digEach(second.json, "data", "name"), ["near"]);
    assert.equal(second.json["$skipToken"], undefined);
    const instances = await ask({ query: "computeresources | project id" });
    assert.equal(instances.json["count"], 2);

    const wrong = await ask({ query: "resources | summarize count()" });
    assert.equal(wrong.status, 400);
    assert.deepEqual(
      [dig(wrong.json, "error.code"), dig(wrong.json, "error.details.1.code")],
      ["BadRequest", "ParserFailure"],
    );
    const nowhere = await ask({ query, subscriptions: [subscriptions.guest] });
    assert.equal(dig(nowhere.json, "error.details.1.code"), "NoValidSubscriptionsInQueryRequest");
  }));

Deno.test("a fault can be aimed at paths", () =>
  withWorld({
    faults: [{ at: "arm", path: "/BASTIONHOSTS", kind: "status", status: 429, retryAfter: 1 }],
  }, async (client) => {
    assert.equal((await client.get(`${WEB1}?${V}`)).status, 200);
    const { status, headers } = await client.get(
      `${HUB_NET}/providers/Microsoft.Network/bastionHosts/hub?${V}`,
    );
    assert.deepEqual([status, headers.get("Retry-After")], [429, "1"]);
  }));

Deno.test("where the cloud's services are is told to whoever asks", () =>
  withWorld({}, async (client, { endpoint }) => {
    const of = async (version: string, path: string) => {
      const url = `${endpoint}/metadata/endpoints?api-version=${version}`;
      return dig((await client.request(url)).json, path);
    };
    assert.equal(await of("2015-01-01", "authentication.loginEndpoint"), `${endpoint}/adfs`);
    assert.equal(await of("2019-05-01", "0.resourceManager"), endpoint);
  }));
