/** Reads what there is in the user's Azure. */

import type { ArmClient } from "./arm_client.ts";
import { getBastionHost } from "./bastion_host.ts";
import type { Inventory } from "./inventory.ts";
import { listSubscriptions } from "./subscription.ts";

export function createInventory(arm: ArmClient): Inventory {
  return {
    subscriptions: (signal) => listSubscriptions(arm, signal),
    bastionHost: (where, signal) => getBastionHost(arm, where, signal),
    bastionHosts: () => Promise.resolve([]),
    virtualMachines: () => Promise.resolve([]),
    virtualMachine: () => Promise.resolve(undefined),
    peeredNetworks: () => Promise.resolve([]),
  };
}
