/** Every resource of the world under its id, with what Resource Manager says of it. */

import {
  type ArmDocument,
  describeHost,
  describeInstance,
  describeMachine,
  describeNetwork,
  describeNetworkInterface,
  describePeering,
  describeScaleSet,
} from "./arm_documents.ts";
import type { BastionHostResource, Subscription, VirtualMachine, World } from "./world.ts";

export interface CatalogueEntry {
  readonly id: string;
  /** As `Microsoft.Compute/virtualMachineScaleSets/virtualMachines`. */
  readonly type: string;
  readonly subscription: Subscription;
  readonly resourceGroup: string;
  /** Of what has a power state. */
  readonly machine?: VirtualMachine;
  /** @param withView whether power states are in it */
  document(withView: boolean): ArmDocument;
}

interface Placed {
  readonly subscription: Subscription;
  readonly resourceGroup: string;
}

export function createCatalogue(
  world: World,
  dnsNameOf: (host: BastionHostResource) => string,
): readonly CatalogueEntry[] {
  const entry = (
    { subscription, resourceGroup }: Placed,
    id: string,
    type: string,
    document: CatalogueEntry["document"],
    machine?: VirtualMachine,
  ): CatalogueEntry => ({
    id,
    type,
    subscription,
    resourceGroup,
    document,
    ...(machine ? { machine } : {}),
  });
  const instances = "Microsoft.Compute/virtualMachineScaleSets/virtualMachines";
  return [
    ...world.bastionHosts.map((host) =>
      entry(
        host,
        host.id,
        "Microsoft.Network/bastionHosts",
        () => describeHost(host, dnsNameOf(host)),
      )
    ),
    ...world.virtualMachines.flatMap((vm) => [
      entry(
        vm,
        vm.id,
        "Microsoft.Compute/virtualMachines",
        (withView) => describeMachine(vm, withView),
        vm,
      ),
      entry(
        vm,
        vm.networkInterface,
        "Microsoft.Network/networkInterfaces",
        () => describeNetworkInterface(vm),
      ),
    ]),
    ...world.scaleSets.flatMap((set) => [
      entry(
        set,
        set.id,
        "Microsoft.Compute/virtualMachineScaleSets",
        () => describeScaleSet(set),
      ),
      ...set.instances.flatMap((vm) => [
        entry(vm, vm.id, instances, (withView) => describeInstance(vm, withView), vm),
        entry(
          vm,
          vm.networkInterface,
          `${instances}/networkInterfaces`,
          () => describeNetworkInterface(vm),
        ),
      ]),
    ]),
    ...world.virtualNetworks.flatMap((network) => [
      entry(
        network,
        network.id,
        "Microsoft.Network/virtualNetworks",
        () => describeNetwork(network, world),
      ),
      ...network.peerings.map((peering) => {
        const document = describePeering(network, peering);
        return entry(network, document.id, document.type, () => document);
      }),
    ]),
  ];
}
