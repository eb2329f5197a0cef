import assert from "node:assert/strict";
import { fakeHost, fakeInventory } from "../../tests/helpers/fake_inventory.ts";
import {
  byWord,
  DEV,
  hostId,
  HUB,
  PROD,
  request,
  resolving,
  SUBSCRIPTIONS,
  WEB,
  type World,
} from "../../tests/helpers/resolving.ts";
import { bastionError } from "../errors.ts";
import { reachingHost } from "./find_host.ts";
import type { Search } from "./search.ts";

Deno.test("resolveTarget: the host by its full id, in any case, wherever it is", async () => {
  const { resolve, asked } = resolving();
  const { resourceGroup: _, ...rest } = request;
  const bastionHost = hostId(DEV, "Net", "Hub").replace("bastionHosts", "BASTIONhosts");
  const { bastionHost: host } = await resolve({ ...rest, bastionHost, subscription: PROD });
  assert.ok(asked.includes("host dev Net/Hub"), `${asked}`);
  assert.equal(host.subscription, DEV);
});

Deno.test("resolveTarget: the host by its name alone", async () => {
  const { resourceGroup: _, ...rest } = request;
  const only = resolving({ hosts: [HUB] });
  assert.equal((await only.resolve({ ...rest, bastionHost: "HUB" })).bastionHost, HUB);
  const { bastionHost } = await resolving({ defaultSubscription: DEV }).resolve(rest);
  assert.equal(bastionHost.subscription, DEV, "the one where the user works is meant");
  await assert.rejects(resolving().resolve(rest), {
    code: "host-ambiguous",
    message: new RegExp(`net/hub in ${DEV}, net/hub in ${PROD}`),
  });
  await assert.rejects(only.resolve({ ...rest, bastionHost: "hubb" }), {
    code: "host-unknown",
    message: /no bastion host hubb in any subscription/,
    hint: /Did you mean hub\?/,
  });
  await assert.rejects(only.resolve({ ...rest, subscription: "dev" }), {
    code: "host-unknown",
    message: /in subscription aaaaaaaa/,
  });
});

Deno.test("resolveTarget: the host in a peered VNet", async () => {
  const hosts = [fakeHost("hub", { subscription: DEV })];
  const world: World = { hosts, peerings: { "/vnets/spoke": ["/vnets/hub"] } };
  const target = await resolving(world).resolve(byWord("web1"));
  assert.equal(target.bastionHost, hosts[0]);
  assert.equal(
    target.notes[1],
    "The bastion host is net/hub, in a VNet that is peered with the VM's.",
  );
  await assert.rejects(resolving({ hosts }).resolve(byWord("web1")), {
    code: "host-none-reaches",
    message: /reaches app\/web1 was found: none stands in its VNet spoke.*net\/hub is in hub/,
  });
  const peerings = {
    "/vnets/spoke": bastionError("arm-forbidden", { resource: "VNet spoke", detail: "" }),
  };
  await assert.rejects(resolving({ hosts, peerings }).resolve(byWord("web1")), {
    code: "host-none-reaches",
    message: /what its VNet is peered with cannot be seen: Reader on the VNet is needed/,
  });
  const only = resolving(world).resolve({ ...byWord("web1"), subscription: "prod" });
  await assert.rejects(only, { code: "host-none-reaches", message: /sees no bastion host there/ });
});

Deno.test("resolveTarget: where the only host in reach is not fit, its own error is said", async () => {
  const off = fakeHost("hub", {
    subscription: PROD,
    network: "/vnets/spoke",
    enableTunneling: false,
  });
  await assert.rejects(resolving({ hosts: [off] }).resolve(byWord("web1")), {
    code: "host-tunneling-off",
  });
});

Deno.test("reachingHost: the host for SSH is not taken for a port that it cannot reach", async () => {
  const developer = fakeHost("dev", {
    subscription: PROD,
    resourceGroup: WEB.resourceGroup,
    network: "/vnets/spoke",
    sku: "Developer",
  });
  const kept = new Map<string, unknown>();
  const search: Search = {
    inventory: fakeInventory({ subscriptions: SUBSCRIPTIONS, hosts: [developer, HUB] }),
    kept: [],
    all: () => Promise.resolve(SUBSCRIPTIONS),
    async find({ key, is, look }) {
      const name = key.join(" ");
      if (!is(kept.get(name))) kept.set(name, await look());
      const value = kept.get(name);
      assert.ok(is(value));
      return value;
    },
  };
  const hostFor = async (port: number) => {
    const machine = () => Promise.resolve(WEB);
    const wanted = { byIpAddress: false, port };
    return (await reachingHost(WEB.id, "app/web1", machine, wanted, search)).host.name;
  };
  assert.equal(await hostFor(22), "dev");
  assert.equal(await hostFor(8080), "hub");
  // What was found for one port is kept for all that it can reach.
  assert.equal(await hostFor(3389), "hub");
  assert.equal(await hostFor(8081), "hub");
  assert.equal(kept.size, 1);
});
