/** One VM, or instance of a scale set. */

import { bastionError, isBastionError } from "../errors.ts";
import type { Logger } from "../logger.ts";
import { printable } from "../secret.ts";
import type { ArmClient } from "./arm_client.ts";
import { dig } from "./dig.ts";
import type { VirtualMachine } from "./inventory.ts";
import { NETWORK_API_VERSION } from "./list_virtual_machines.ts";
import { type NetworkInterface, readNetworkInterface } from "./network_interface.ts";
import { COMPUTE_API_VERSION, instanceInterfaces } from "./scale_set_instances.ts";
import { describeViewed, interfaceIds, parseMachineId, VM_FIELDS } from "./virtual_machine.ts";

/** Azure attaches no more network interfaces to a VM. */
const MAX_INTERFACES = 16;

/**
 * @returns undefined where there is none, or where the id is of something else
 * @throws BastionError `vm-forbidden`, `arm-…`
 */
export async function getVirtualMachine(
  arm: ArmClient,
  given: string,
  log: Logger,
  signal: AbortSignal,
): Promise<VirtualMachine | undefined> {
  const id = parseMachineId(given);
  if (!id) return undefined;
  const label = printable(`${id.resourceGroup}/${id.names.join("/")}`, 250);
  const what = `VM ${label}`;
  try {
    const document = await arm.get(id.id, COMPUTE_API_VERSION, what, signal, {
      "$expand": "instanceView",
    });
    if (document === undefined) return undefined;
    const interfaces = id.names.length > 1
      ? await instanceInterfaces(arm, id, what, signal)
      : await ownInterfaces(arm, document, what, log, signal);
    return describeViewed(id, document, interfaces);
  } catch (error) {
    if (!isBastionError(error, "arm-forbidden")) throw error;
    const detail = error.params["detail"] ?? "";
    throw bastionError("vm-forbidden", { vm: label, id: id.id, detail }, error);
  }
}

async function ownInterfaces(
  arm: ArmClient,
  document: unknown,
  what: string,
  log: Logger,
  signal: AbortSignal,
): Promise<NetworkInterface[]> {
  const references = interfaceIds(dig(document, VM_FIELDS.interfaces)).slice(0, MAX_INTERFACES);
  const interfaces = await Promise.all(references.map(async (reference) => {
    try {
      const name = `the network interface of ${what}`;
      const one = await arm.get(reference, NETWORK_API_VERSION, name, signal);
      return [readNetworkInterface(dig(one, "properties.ipConfigurations"))];
    } catch (error) {
      if (!isBastionError(error, "arm-forbidden")) throw error;
      // Azure Bastion itself looks at it; the session may be refused for it.
      log.warning("a network interface may not be read", { problem: error.message });
      return [];
    }
  }));
  return interfaces.flat();
}
