/** What a user must be able to read, for the data plane to lead them to a target. */

import type { Access } from "./access.ts";
import type { TokenHolder } from "./access_tokens.ts";
import type { BastionHostResource, VirtualMachine } from "./world.ts";

/** Id of the first resource on the way that the holder may not read; undefined where there is none. */
export function unreadableResource(
  access: Access,
  holder: TokenHolder,
  host: BastionHostResource,
  vm: VirtualMachine,
): string | undefined {
  const isInstance = vm.name.includes("/");
  const machine = isInstance
    ? "Microsoft.Compute/virtualMachineScaleSets/virtualMachines"
    : "Microsoft.Compute/virtualMachines";
  const needed = [
    ["Microsoft.Network/bastionHosts", host.id],
    [machine, vm.id],
    [
      isInstance ? `${machine}/networkInterfaces` : "Microsoft.Network/networkInterfaces",
      vm.networkInterface,
    ],
    ...(vm.network === host.network ? [] : [["Microsoft.Network/virtualNetworks", vm.network.id]]),
  ] as const;
  return needed.find(([type = "", id = ""]) => !access.may(holder, `${type}/read`, id))?.[1];
}
