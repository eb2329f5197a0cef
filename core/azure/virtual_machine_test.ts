import assert from "node:assert/strict";
import type { VirtualMachine } from "./inventory.ts";
import { readNetworkInterface } from "./network_interface.ts";
import { networkId } from "./network_id.ts";
import { checkVirtualMachine } from "./virtual_machine.ts";

const ID = "/subscriptions/s/resourceGroups/app/providers/Microsoft.Compute/virtualMachines/web1";
const vm: VirtualMachine = {
  id: ID,
  name: "web1",
  resourceGroup: "app",
  subscription: "s",
  networks: [],
};

Deno.test("checkVirtualMachine: what is down is said, with the command that starts it", () => {
  for (const power of ["running", "starting", "unknown", undefined]) {
    checkVirtualMachine(power === undefined ? vm : { ...vm, power });
  }
  for (const power of ["stopped", "stopping", "deallocated", "deallocating"]) {
    assert.throws(() => checkVirtualMachine({ ...vm, power }), {
      code: "vm-stopped",
      exit: "unfit",
      message: `The VM app/web1 is not running (it is ${power}).`,
      hint: `Start it: az vm start --ids "${ID}"`,
    });
  }
  assert.throws(() => checkVirtualMachine({ ...vm, name: "batch/3", power: "stopped" }), {
    hint: 'Start it: az vmss start --subscription s --resource-group "app" --name "batch" ' +
      "--instance-ids 3",
  });
  assert.throws(() => checkVirtualMachine({ ...vm, id: `${ID}"$(x)`, power: "stopped" }), {
    hint: "Start it: az vm start --ids ID",
  });
});

Deno.test("readNetworkInterface: the primary configuration's address; IPv4 only", () => {
  const one = (privateIPAddress: unknown, primary?: boolean) => ({
    properties: { privateIPAddress, primary },
  });
  const cases: [configurations: unknown, privateIp: string | undefined][] = [
    [[one("10.0.0.4"), one("10.0.0.5", true)], "10.0.0.5"],
    [[one("fd00::4", true), one("10.0.0.5")], "10.0.0.5"],
    [[one("10.0.0.256"), one("10.0.0"), one("10.0.0.5."), one(7), null], undefined],
    [[one("255.255.255.255")], "255.255.255.255"],
    [undefined, undefined],
    [{}, undefined],
  ];
  for (const [configurations, privateIp] of cases) {
    assert.equal(readNetworkInterface(configurations).privateIp, privateIp);
  }
});

Deno.test("networkId: a VNet's id from its own or a subnet's, in lower case", () => {
  const id = "/subscriptions/S/resourceGroups/Net/providers/Microsoft.Network/virtualNetworks/Hub";
  const cases: [given: unknown, found: string | undefined][] = [
    [id, id.toLowerCase()],
    [`${id}/`, id.toLowerCase()],
    [`${id}/subnets/default`, id.toLowerCase()],
    [id.replace("virtualNetworks", "virtualNetworksX"), undefined],
    [`${id}/..`, undefined],
    ["", undefined],
    [7, undefined],
  ];
  for (const [given, found] of cases) assert.equal(networkId(given), found, String(given));
});
