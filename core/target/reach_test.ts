import assert from "node:assert/strict";
import { fakeHost, fakeMachine } from "../../tests/helpers/fake_inventory.ts";
import type { BastionHost } from "../azure/bastion_host.ts";
import { reach, type Wanted } from "./reach.ts";

const S = "aaaaaaaa-0000-0000-0000-000000000001";
const OTHER = "aaaaaaaa-0000-0000-0000-000000000002";
const vm = fakeMachine("web1", { subscription: S, networks: ["/v/a", "/v/b"] });
const host = (name: string, network: string, more: Partial<BastionHost> = {}) =>
  fakeHost(name, { subscription: S, network, ...more });

Deno.test("reach: the VM's own VNet goes before a peered one", () => {
  const peered = host("peered", "/v/hub");
  const own = host("own", "/v/b");
  const cases: [hosts: BastionHost[], found: string, by: string][] = [
    [[peered, own], "own", "network"],
    [[own, peered], "own", "network"],
    [[peered, host("off", "/v/a", { enableTunneling: false })], "peered", "peering"],
    [[peered, host("busy", "/v/a", { provisioningState: "Updating" })], "peered", "peering"],
    [[peered, host("far", "/v/far")], "peered", "peering"],
    [[host("free", "/v/a", { sku: "Developer", enableTunneling: false })], "free", "network"],
  ];
  for (const [hosts, name, by] of cases) {
    const found = reach(vm, hosts, ["/v/hub"]);
    assert.ok("host" in found);
    assert.deepEqual([found.host.name, found.by], [name, by]);
  }
});

Deno.test("reach: of several, every run takes the same", () => {
  const sameGroup = host("z", "/v/a", { resourceGroup: "APP" });
  const first = host("a", "/v/a");
  const second = host("b", "/v/b");
  const abroad = host("0", "/v/a", { subscription: OTHER });
  const expected = [sameGroup, first, second, abroad];
  const orders = [expected, expected.toReversed(), [second, abroad, sameGroup, first]];
  for (const hosts of orders) {
    const found = reach(vm, hosts, []);
    assert.ok("host" in found);
    assert.deepEqual([found.host, ...found.others], expected);
  }
});

Deno.test("reach: why there is none", () => {
  const many = Array.from({ length: 7 }, (_, i) => host(`h${i}`, "/v/far"));
  const basic = host("basic", "/v/a", { sku: "Basic" });
  const off = host("off", "/v/hub", { enableTunneling: false });
  const developer = host("free", "/v/hub", { sku: "Developer" });
  const noIp = host("ip", "/v/a", { enableIpConnect: false });
  const unplaced = fakeHost("lost", { subscription: S });
  const { network: _, ...lost } = unplaced;
  const cases: [hosts: BastionHost[], why: RegExp, wanted?: Wanted][] = [
    [[], /sees no bastion host there/],
    [
      [host("far", "/v/far")],
      /none stands in its VNet a, b, nor in a peered one \(net\/far is in far\)/,
    ],
    [[lost], /net\/lost is in an unknown one/],
    [many, /net\/h4 is in far; and 2 more\)$/],
    [[basic], /SKU Basic/],
    [[basic, off], /SKU Basic.*; Native client support is switched off on bastion host net\/off$/],
    [[developer], /net\/free is in hub/],
    [[noIp], /IP address is switched off/, { byIpAddress: true }],
    [[host("ip", "/v/a")], /Port 80 cannot be reached by IP/, { byIpAddress: true, port: 80 }],
  ];
  for (const [hosts, why, wanted] of cases) {
    const found = reach(vm, hosts, ["/v/hub"], wanted);
    assert.ok("why" in found);
    assert.match(found.why, why);
    assert.doesNotMatch(found.why, /\.$/);
  }
  const nowhere = reach({ ...vm, networks: [] }, [basic], []);
  assert.ok("why" in nowhere);
  assert.match(nowhere.why, /Reader on its network interface/);
});

Deno.test("reach: the only host in reach that is not fit brings its own error", () => {
  const basic = host("basic", "/v/a", { sku: "Basic" });
  const unfit = (hosts: BastionHost[]) => {
    const found = reach(vm, hosts, []);
    return "why" in found ? found.unfit : undefined;
  };
  assert.throws(() => {
    throw unfit([basic, host("far", "/v/far")]);
  }, { code: "host-sku" });
  assert.equal(unfit([basic, host("other", "/v/b", { sku: "Basic" })]), undefined);
});
