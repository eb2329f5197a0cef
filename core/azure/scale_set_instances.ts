/** The instances of a uniform scale set: VMs that stand in no list of VMs. */

import type { ArmClient } from "./arm_client.ts";
import { dig } from "./dig.ts";
import type { VirtualMachine } from "./inventory.ts";
import { type NetworkInterface, readNetworkInterface } from "./network_interface.ts";
import type { ResourceId } from "./resource_id.ts";
import { describeViewed, parseMachineId } from "./virtual_machine.ts";

export const COMPUTE_API_VERSION = "2024-07-01";
/** The newest that scale sets answer questions about their network by. */
export const NETWORK_API_VERSION = "2018-10-01";

/** Two requests a scale set: instances with their power states, and network interfaces. */
export async function scaleSetInstances(
  arm: ArmClient,
  set: ResourceId,
  signal: AbortSignal,
): Promise<VirtualMachine[]> {
  const what = `scale set ${set.resourceGroup}/${set.names[0]}`;
  const instances = await arm.list(
    `${set.id}/virtualMachines`,
    COMPUTE_API_VERSION,
    what,
    signal,
    { "$expand": "instanceView" },
  );
  const interfaces = interfacesByMachine(
    await arm.list(`${set.id}/networkInterfaces`, NETWORK_API_VERSION, what, signal),
  );
  return instances.flatMap((document) => {
    const id = parseMachineId(dig(document, "id"));
    return id ? [describeViewed(id, document, interfaces.get(id.id.toLowerCase()) ?? [])] : [];
  });
}

/** One instance's, the primary one first. */
export async function instanceInterfaces(
  arm: ArmClient,
  id: ResourceId,
  what: string,
  signal: AbortSignal,
): Promise<NetworkInterface[]> {
  const interfaces = await arm.list(
    `${id.id}/networkInterfaces`,
    NETWORK_API_VERSION,
    `the network interfaces of ${what}`,
    signal,
  );
  return [...interfacesByMachine(interfaces).values()].flat();
}

/** By the instance's id, in lower case; the primary one first. */
function interfacesByMachine(documents: readonly unknown[]): Map<string, NetworkInterface[]> {
  const found = new Map<string, NetworkInterface[]>();
  for (const document of documents) {
    const id = parseMachineId(dig(document, "properties.virtualMachine.id"))?.id.toLowerCase();
    if (id === undefined) continue;
    const one = readNetworkInterface(dig(document, "properties.ipConfigurations"));
    const others = found.get(id) ?? [];
    found.set(
      id,
      dig(document, "properties.primary") === true ? [one, ...others] : [...others, one],
    );
  }
  return found;
}
