import assert from "node:assert/strict";
import { makePlainError } from "./errors.ts";
import { checkWorld, parseWorld } from "./load_world.ts";
import { createWorld } from "./world.ts";

const parse = (text: string) => parseWorld(text, "hub.yaml", makePlainError);

Deno.test("the example of the documentation is a world", () => {
  const world = parse(`
bastionHosts:
  - { name: hub, resourceGroup: net, sku: Standard, enableTunneling: true, enableIpConnect: true }
virtualMachines:
  - { name: web1, resourceGroup: app, privateIp: 10.1.0.4, ports: { 22: "127.0.0.1:2222", 3389: "127.0.0.1:3390" } }
faults: []
`);
  assert.equal(world.bastionHosts[0]?.enableIpConnect, true);
  assert.equal(world.virtualMachines[0]?.ports["3389"], "127.0.0.1:3390");
  assert.equal(world.subscriptions.length, 1);
});

Deno.test("every example of the emulator's guide is a world", async () => {
  const guide = await Deno.readTextFile(new URL("../../docs/emulator.md", import.meta.url));
  const examples = [...guide.matchAll(/^```yaml\n(.*?)^```/gms)].map(([, text = ""]) => text);
  assert.equal(examples.length, 4);
  for (const text of examples) createWorld(parse(text));
});

Deno.test("an empty file is a world without hosts", () => {
  assert.deepEqual(parse("").bastionHosts, []);
});

const wrong: Record<string, [string, RegExp]> = {
  "an unknown key names place, key and the nearest right one": [
    "bastionHosts:\n  - name: hub\n    resourceGroup: net\n    enableTunnelling: true\n",
    /hub\.yaml:4:5: bastionHosts\[0\]: unknown key "enableTunnelling"; did you mean "enableTunneling"\?/,
  ],
  "an unknown top-level key": ["bastionHost: []\n", /hub\.yaml:1:1: .*mean "bastionHosts"/],
  "a wrong choice names the nearest right one": [
    "bastionHosts:\n  - name: hub\n    resourceGroup: net\n    sku: Standart\n",
    /hub\.yaml:4:10: bastionHosts\[0\]\.sku: .*did you mean Standard\?/,
  ],
  "a missing key points at its map": [
    "bastionHosts:\n  - name: hub\n",
    /hub\.yaml:2:5: bastionHosts\[0\]\.resourceGroup: /,
  ],
  "a port's target": [
    "virtualMachines:\n  - { name: a, resourceGroup: b, privateIp: 10.0.0.4, ports: { 22: 2222 } }\n",
    /hub\.yaml:2:68: virtualMachines\[0\]\.ports\.22: must be "host:port", ssh, echo or filtered/,
  ],
  "a port": [
    "virtualMachines:\n  - { name: a, resourceGroup: b, privateIp: 10.0.0.4, ports: { 70000: ssh } }\n",
    /70000 is no port/,
  ],
  "an unknown fault": [
    "faults:\n  - { at: stream, kind: finn }\n",
    /hub\.yaml:2:25: faults\[0\]\.kind: .*did you mean fin\?/,
  ],
  "a fault's parameter": [
    "faults:\n  - { at: stream, kind: fin, afterBites: 3 }\n",
    /hub\.yaml:2:30: faults\[0\]: unknown key "afterBites"; did you mean "afterBytes"/,
  ],
  "a fault at a host that is not there": [
    "faults:\n  - { at: stream, kind: fin, host: hub }\n",
    /hub\.yaml:2:36: .*no bastion host hub/,
  ],
  "a VNet that is not there": [
    "virtualMachines:\n  - { name: a, resourceGroup: b, privateIp: 10.0.0.4, network: none }\n",
    /hub\.yaml:2:64: .*no VNet none in this file/,
  ],
  "a peering with what is not there": [
    "virtualNetworks:\n  - { name: a, resourceGroup: b, peerings: [{ network: c }] }\n",
    /peerings\[0\]\.network: there is no VNet c in this file; .*by its id/,
  ],
  "a role of nobody": [
    "roles:\n  - { principal: ada@home.test, scope: /subscriptions/x }\n",
    /no user, client id or object id ada@home\.test.*no subscription x/,
  ],
  "a role that is not known": [
    "roles:\n  - { principal: a, role: Raeder, scope: /subscriptions/x }\n",
    /roles\[0\]\.role: .*did you mean Reader\?/,
  ],
  "an instance twice": [
    "scaleSets:\n  - name: s\n    resourceGroup: b\n    instances:\n" +
    "      - { id: '1', privateIp: 10.0.0.4 }\n      - { privateIp: 10.0.0.5 }\n",
    /hub\.yaml:6:9: .*instance 1 is there twice/,
  ],
  "an address of a VM and an instance": [
    "virtualMachines:\n  - { name: a, resourceGroup: b, privateIp: 10.0.0.4 }\n" +
    "scaleSets:\n  - { name: s, resourceGroup: b, instances: [{ privateIp: 10.0.0.4 }] }\n",
    /10\.0\.0\.4 is there twice/,
  ],
  "a power state": [
    "virtualMachines:\n  - { name: a, resourceGroup: b, privateIp: 10.0.0.4, powerState: stoped }\n",
    /did you mean stopped\?/,
  ],
  "an issuer": [
    "servicePrincipals:\n  - clientId: 0e0e0e0e-0000-4000-8000-000000000003\n" +
    "    federatedCredentials: [{ issuer: gitlab, subject: s }]\n",
    /must be of github, azure-pipelines, or an issuer's address/,
  ],
  "two of one name": [
    "bastionHosts:\n  - { name: a, resourceGroup: g }\n  - { name: A, resourceGroup: G }\n",
    /hub\.yaml:3:13: .*twice/,
  ],
  "broken YAML": ["bastionHosts: [\n", /hub\.yaml:\d+:\d+: /],
  "an alias of nothing": ["bastionHosts: *x\n", /hub\.yaml: Unresolved alias/],
  "a key twice": ["faults: []\nfaults: []\n", /hub\.yaml:2:1: .*unique/],
};

for (const [what, [text, message]] of Object.entries(wrong)) {
  Deno.test(`wrong file: ${what}`, () => {
    assert.throws(() => parse(text), message);
  });
}

Deno.test("every problem of a file is told, in its order", () => {
  assert.throws(
    () => parse("seed: x\nbastionHosts:\n  - { name: a, resourceGroup: g, sku: 3 }\n"),
    /hub\.yaml:1:7: seed: .*hub\.yaml:3:39: bastionHosts\[0\]\.sku: /,
  );
});

Deno.test("a value is checked as a file is", () => {
  assert.throws(
    () => checkWorld({ bastionHosts: [{ name: "a" }] }, makePlainError),
    /bastionHosts\[0\]\.resourceGroup/,
  );
});
