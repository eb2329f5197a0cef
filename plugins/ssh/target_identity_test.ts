import assert from "node:assert/strict";
import type { Target } from "../../core/mod.ts";
import { targetIdentity } from "./target_identity.ts";

const HUB = "/subscriptions/S1/resourceGroups/net/providers/Microsoft.Network/bastionHosts/hub";
const VM = "/subscriptions/S1/resourceGroups/App/providers/Microsoft.Compute/virtualMachines/Web1";

function target(fields: Partial<Target>): Target {
  const bastionHost = { id: HUB } as Target["bastionHost"];
  return { label: "", resourceId: VM, port: 22, bastionHost, notes: [], ...fields };
}

Deno.test("targetIdentity: one VM is one name, however its id is spelt", () => {
  const { keyAlias, hostName } = targetIdentity(target({}));
  assert.equal(keyAlias, VM.toLowerCase());
  assert.match(hostName, /^web1\.[0-9a-f]{8}\.id\.bastion$/);
  const other = targetIdentity(target({ resourceId: `${VM.toUpperCase()}/` }));
  assert.deepEqual(other, { keyAlias, hostName });
});

Deno.test("targetIdentity: ports, hosts and subscriptions keep apart what has one address or name", () => {
  const ip = { resourceId: "/subscriptions/s/bh-hostConnect/10.0.0.4", hostname: "10.0.0.4" };
  const all = [
    target({}),
    target({ port: 2222 }),
    target({ resourceId: VM.replace("S1", "S2") }),
    target({ resourceId: VM.replace("App", "Shop") }),
    target(ip),
    target({ ...ip, bastionHost: { id: `${HUB}2` } as Target["bastionHost"] }),
  ].map(targetIdentity);
  assert.equal(new Set(all.map(({ keyAlias }) => keyAlias)).size, all.length);
  assert.equal(new Set(all.map(({ hostName }) => hostName)).size, all.length);
  assert.equal(all[4]?.keyAlias, `${HUB.toLowerCase()}/10.0.0.4`);
});

Deno.test("targetIdentity: nothing in an id means anything to ssh, its files or a shell", () => {
  const names = [
    "$(touch x)",
    "-oX",
    "a,b",
    "a b",
    "*",
    "!x",
    "#x",
    "@cert",
    "ä",
    "%h",
    "a\nb",
    "'`\"",
  ];
  for (const name of names) {
    const { keyAlias, hostName } = targetIdentity(
      target({ resourceId: `/subscriptions/s/${name}` }),
    );
    assert.match(keyAlias, /^[a-z0-9._~%/-]+$/);
    assert.match(hostName, /^[a-z0-9][a-z0-9.-]*$/);
  }
  const set = targetIdentity(target({
    resourceId: "/subscriptions/s/virtualMachineScaleSets/pool/virtualMachines/3",
  }));
  assert.match(set.hostName, /^pool-3\./);
});
