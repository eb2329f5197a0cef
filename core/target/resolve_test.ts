import assert from "node:assert/strict";
import { type FakeAnswer, fakeHttp } from "../../tests/helpers/fake_http.ts";
import { bastionError } from "../errors.ts";
import { type ResolveDoors, resolveTarget } from "./resolve.ts";
import type { TargetRequest } from "./target.ts";

const DEV = "aaaaaaaa-0000-0000-0000-000000000001";
const PROD = "aaaaaaaa-0000-0000-0000-000000000002";
const VM =
  `/subscriptions/${PROD}/resourceGroups/app/providers/Microsoft.Compute/virtualMachines/web1`;
const HOST = {
  sku: { name: "Standard" },
  properties: { dnsName: "b.example", enableTunneling: true, enableIpConnect: true },
};
const hostId = (subscription: string, group = "net", name = "hub") =>
  `/subscriptions/${subscription}/resourceGroups/${group}/providers/Microsoft.Network/bastionHosts/${name}`;

interface World {
  readonly variables?: Record<string, string>;
  readonly host?: unknown;
  /** What the data plane answers. */
  readonly dataPlane?: () => FakeAnswer;
}

function setUp({ variables = {}, host = HOST, dataPlane = () => ({ status: 404 }) }: World = {}) {
  const got: string[] = [];
  const http = fakeHttp(dataPlane);
  const doors: ResolveDoors = {
    http,
    env: (name) => variables[name],
    arm: () =>
      Promise.resolve({
        get(path: string) {
          got.push(path);
          return Promise.resolve(host);
        },
        list: () =>
          Promise.resolve([
            { subscriptionId: DEV, displayName: "dev" },
            { subscriptionId: PROD, displayName: "prod" },
          ]),
      }),
  };
  return { got, http, resolve: (request: TargetRequest) => resolveTarget(request, doors) };
}

const request: TargetRequest = {
  resourceId: VM,
  port: 22,
  bastionHost: "hub",
  resourceGroup: "net",
};

Deno.test("resolveTarget: by resource id", async () => {
  const { resolve, got, http } = setUp();
  const target = await resolve(request);
  assert.equal(target.label, "app/web1:22");
  assert.equal(target.resourceId, VM);
  assert.equal(target.port, 22);
  assert.ok(!("hostname" in target));
  assert.equal(target.bastionHost.endpoint, "b.example");
  assert.deepEqual(got, [hostId(PROD)]);
  // The way is opened ahead of the first session; no token is in it.
  assert.deepEqual(http.requests, [{ method: "HEAD", url: "https://b.example/", timeout: 15_000 }]);

  const instance = VM.replace(
    "virtualMachines/web1",
    "virtualMachineScaleSets/set/virtualMachines/3",
  );
  const { label, resourceId } = await resolve({ ...request, resourceId: `${instance}/` });
  assert.deepEqual([label, resourceId], ["app/set/3:22", instance]);
});

Deno.test("resolveTarget: by IP address, with the synthetic id", async () => {
  const { resourceId: _, ...rest } = request;
  const target = await setUp().resolve({ ...rest, ipAddress: "10.1.0.4", subscription: DEV });
  assert.equal(target.label, "10.1.0.4:22");
  assert.equal(target.hostname, "10.1.0.4");
  assert.equal(
    target.resourceId,
    `/subscriptions/${DEV}/resourceGroups/net/providers/Microsoft.Network/bh-hostConnect/10.1.0.4`,
  );
});

Deno.test("resolveTarget: which subscription the host is looked for in", async () => {
  const cases: [change: Partial<TargetRequest>, variable: string | undefined, found: string][] = [
    [{}, undefined, PROD],
    [{}, "", PROD],
    [{}, DEV, DEV],
    [{ subscription: "dev" }, PROD, DEV],
    [{ subscription: PROD }, DEV, PROD],
    [{ bastionHost: hostId(DEV), subscription: PROD }, PROD, DEV],
  ];
  for (const [change, variable, found] of cases) {
    const { resolve, got } = setUp({
      variables: variable === undefined ? {} : { AZURE_SUBSCRIPTION_ID: variable },
    });
    await resolve({ ...request, ...change });
    assert.deepEqual(got, [hostId(found)]);
  }
});

Deno.test("resolveTarget: the host by its full id, in any case, needs no resource group", async () => {
  const { resourceGroup: _, ...rest } = request;
  const { resolve, got } = setUp();
  const bastionHost = hostId(DEV, "Net", "Hub").replace("bastionHosts", "BASTIONhosts");
  await resolve({ ...rest, bastionHost });
  assert.deepEqual(got, [hostId(DEV, "Net", "Hub")]);
});

Deno.test("resolveTarget: what cannot be meant is a usage error, before anything is asked", async () => {
  const { resourceId: _id, ...withoutTarget } = request;
  const { resourceGroup: _group, ...withoutGroup } = request;
  const cases: [request: TargetRequest, message: RegExp][] = [
    [withoutTarget, /No target is named/],
    [{ ...request, ipAddress: "10.1.0.4" }, /Two targets are named/],
    ...["10.1.0", "10.1.0.256", "010.1.0.4", "10.1.0.4 ", "::1", "web1", ""].map(
      (ipAddress): [TargetRequest, RegExp] => [
        { ...withoutTarget, ipAddress },
        /is not an IPv4 address/,
      ],
    ),
    [{ ...request, resourceId: "web1" }, /"web1" is not a resource id/],
    [{ ...request, resourceId: "" }, /"" is not a resource id/],
    [{ ...request, bastionHost: VM }, /is not a bastion host's resource id/],
    [{ ...request, bastionHost: "/hub" }, /is not a bastion host's resource id/],
    [withoutGroup, /resource group is not named/],
    ...["", "a/b", "a?b", "..", ".", "a b", "x".repeat(91)].flatMap(
      (name): [TargetRequest, RegExp][] => [
        [{ ...request, bastionHost: name }, /cannot be an Azure name/],
        [{ ...request, resourceGroup: name }, /cannot be an Azure name/],
      ],
    ),
  ];
  for (const [given, message] of cases) {
    const { resolve, got, http } = setUp();
    await assert.rejects(resolve(given), { code: "usage", message }, JSON.stringify(given));
    assert.deepEqual([got.length, http.requests.length], [0, 0]);
  }
});

Deno.test("resolveTarget: host and data plane are checked, unless told otherwise", async () => {
  const basic = { sku: { name: "Basic" }, properties: { dnsName: "b.example" } };
  const failure = bastionError("connect-refused", { host: "b.example", via: "" });
  const dead = () => {
    throw failure;
  };
  await assert.rejects(setUp({ host: basic }).resolve(request), { code: "host-sku" });
  await assert.rejects(setUp({ dataPlane: dead }).resolve(request), failure);
  const { resourceId: _, ...rest } = request;
  await assert.rejects(
    setUp().resolve({ ...rest, ipAddress: "10.1.0.4", port: 80, subscription: DEV }),
    { code: "host-ip-connect-port" },
  );
  const unchecked = setUp({ host: basic, dataPlane: dead });
  const { bastionHost } = await unchecked.resolve({ ...request, check: false });
  assert.equal(bastionHost.sku, "Basic");
  assert.equal(unchecked.http.requests.length, 0);
});

Deno.test("resolveTarget: a signal reaches the data plane's check", async () => {
  const reason = new Error("enough");
  const { resolve } = setUp();
  await assert.rejects(resolve({ ...request, signal: AbortSignal.abort(reason) }), reason);
});
