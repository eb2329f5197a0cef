/** The pretended part of Azure, and how what is in it is found. */

import { createIdentities, type Identities } from "./identities.ts";
import { refersTo } from "./network_reference.ts";
import { parseResourceId, sameName } from "./resource_id.ts";
import type { PowerState } from "./resource_schema.ts";
import type { WorldDescription } from "./world_schema.ts";

export interface Subscription {
  readonly id: string;
  readonly name: string;
  readonly tenant: string;
  readonly state: string;
}

export interface Resource {
  readonly id: string;
  readonly name: string;
  readonly resourceGroup: string;
  readonly subscription: Subscription;
}

export interface VirtualNetwork extends Resource {
  readonly addressPrefixes: readonly string[];
  readonly peerings: readonly NetworkPeering[];
}

export interface NetworkPeering {
  readonly name: string;
  /** Id of the other VNet, which may be one that is not in this world. */
  readonly remote: string;
  readonly state: string;
}

export interface BastionHostResource extends Resource {
  readonly sku: string;
  readonly enableTunneling: boolean;
  readonly enableIpConnect: boolean;
  readonly provisioningState: string;
  readonly network: VirtualNetwork;
}

/** A VM, or an instance of a scale set; an instance's name is `set/0`. */
export interface VirtualMachine extends Resource {
  readonly privateIp: string;
  /** Remote port → `host:port`, a built-in server's name, or `filtered`. */
  readonly ports: ReadonlyMap<number, string>;
  readonly os: "linux" | "windows";
  readonly network: VirtualNetwork;
  /** Id of its network interface. */
  readonly networkInterface: string;
  /** A VM may be stopped and started while the emulator runs. */
  powerState: PowerState;
}

export interface ScaleSet extends Resource {
  readonly os: "linux" | "windows";
  readonly network: VirtualNetwork;
  readonly instances: readonly VirtualMachine[];
}

export interface World extends Identities {
  readonly subscriptions: readonly Subscription[];
  readonly virtualNetworks: readonly VirtualNetwork[];
  readonly bastionHosts: readonly BastionHostResource[];
  readonly virtualMachines: readonly VirtualMachine[];
  readonly scaleSets: readonly ScaleSet[];
  /** VMs and instances of scale sets. */
  readonly machines: readonly VirtualMachine[];
}

type Placed = { name: string; resourceGroup: string; subscription?: string | undefined };

/** Fills in what the description leaves open: ids, tenants, a VNet, and secrets. */
export function createWorld(description: WorldDescription): World {
  const identities = createIdentities(description);
  const subscriptions = description.subscriptions.map((one): Subscription => ({
    id: one.id.toLowerCase(),
    name: one.name,
    tenant: one.tenant?.toLowerCase() ?? identities.homeTenant,
    state: one.state,
  }));
  const resource = (one: Placed, type: string): Resource => {
    const [first] = subscriptions;
    const { subscription: wanted = first?.id ?? "" } = one;
    const subscription = subscriptions.find(({ id }) => sameName(id, wanted));
    if (!subscription) throw new TypeError(`no subscription ${wanted}`);
    return {
      id:
        `/subscriptions/${subscription.id}/resourceGroups/${one.resourceGroup}/providers/${type}/${one.name}`,
      name: one.name,
      resourceGroup: one.resourceGroup,
      subscription,
    };
  };
  const { virtualNetworks, networkOf } = createNetworks(description, resource);
  const virtualMachines = description.virtualMachines.map((one): VirtualMachine => {
    const place = resource(one, "Microsoft.Compute/virtualMachines");
    return {
      ...place,
      ...machine(one, one.os),
      network: networkOf(one.network, place),
      networkInterface: resource(
        { ...one, name: `${one.name}-nic` },
        "Microsoft.Network/networkInterfaces",
      ).id,
    };
  });
  const scaleSets = description.scaleSets.map((one): ScaleSet => {
    const place = resource(one, "Microsoft.Compute/virtualMachineScaleSets");
    const network = networkOf(one.network, place);
    const instances = one.instances.map((instance, i): VirtualMachine => {
      const number = instance.id ?? String(i);
      const id = `${place.id}/virtualMachines/${number}`;
      return {
        ...place,
        id,
        name: `${one.name}/${number}`,
        ...machine(instance, one.os),
        network,
        networkInterface: `${id}/networkInterfaces/nic0`,
      };
    });
    return { ...place, os: one.os ?? instances[0]?.os ?? "linux", network, instances };
  });
  return {
    ...identities,
    subscriptions,
    virtualNetworks,
    bastionHosts: description.bastionHosts.map((one): BastionHostResource => {
      const place = resource(one, "Microsoft.Network/bastionHosts");
      return {
        ...place,
        sku: one.sku,
        enableTunneling: one.enableTunneling,
        enableIpConnect: one.enableIpConnect,
        provisioningState: one.provisioningState,
        network: networkOf(one.network, place),
      };
    }),
    virtualMachines,
    scaleSets,
    machines: [...virtualMachines, ...scaleSets.flatMap(({ instances }) => instances)],
  };
}

function machine(
  one: { privateIp: string; ports: Readonly<Record<string, string>>; powerState: PowerState },
  os: "linux" | "windows" | undefined,
) {
  const ports = new Map(Object.entries(one.ports).map(([port, to]) => [Number(port), to]));
  return {
    privateIp: one.privateIp,
    ports,
    powerState: one.powerState,
    os: os ?? (ports.has(3389) ? "windows" as const : "linux" as const),
  };
}

/** Where the file names no VNet, one holds everything. */
function createNetworks(
  { virtualNetworks: described, bastionHosts, virtualMachines }: WorldDescription,
  resource: (one: Placed, type: string) => Resource,
) {
  const [somewhere] = [...bastionHosts, ...virtualMachines];
  const places = described.length > 0 ? described : [{
    name: "emulator-vnet",
    resourceGroup: somewhere?.resourceGroup ?? "emulator-rg",
    subscription: somewhere?.subscription,
    addressPrefixes: ["10.0.0.0/8"],
    peerings: [],
  }];
  const all = places.map((one) => ({
    one,
    place: resource(one, "Microsoft.Network/virtualNetworks"),
  }));
  /** Of several with the name, the one in the same group, or else in the same subscription. */
  const find = (reference: string, from: Resource) => {
    const named = all.filter(({ place: { name, resourceGroup, subscription } }) =>
      refersTo(reference, { name, resourceGroup, subscription: subscription.id })
    );
    const here = named.filter(({ place }) => place.subscription === from.subscription);
    return here.find(({ place }) => sameName(place.resourceGroup, from.resourceGroup)) ??
      here[0] ?? named[0];
  };
  const virtualNetworks = all.map(({ one, place }): VirtualNetwork => ({
    ...place,
    addressPrefixes: one.addressPrefixes,
    peerings: one.peerings.map((peering, i) => ({
      name: peering.name ?? `peering-${i + 1}`,
      remote: find(peering.network, place)?.place.id ?? peering.network,
      state: peering.state,
    })),
  }));
  return {
    virtualNetworks,
    networkOf(reference: string | undefined, from: Resource): VirtualNetwork {
      const place = reference === undefined ? undefined : find(reference, from)?.place;
      const network = virtualNetworks.find(({ id }) => id === place?.id) ?? virtualNetworks[0];
      if (!network) throw new TypeError("a checked world has a VNet");
      return network;
    },
  };
}

/**
 * The VM or instance that an id leads to. Any type of resource will do (AKS clusters are tunnelled
 * to, too): what counts is that a VM of that name is in that group.
 */
export function findVirtualMachine(
  world: World,
  resourceId: string,
): VirtualMachine | undefined {
  const id = parseResourceId(resourceId);
  if (!id) return undefined;
  return world.machines.find((vm) =>
    sameName(vm.subscription.id, id.subscription) &&
    sameName(vm.resourceGroup, id.resourceGroup) && sameName(vm.name, id.name)
  );
}

/** Whether bytes from one VNet arrive in the other: it is the same one, or a peering connects them. */
export function isReachable(from: VirtualNetwork, to: VirtualNetwork): boolean {
  const leads = (one: VirtualNetwork, other: VirtualNetwork) =>
    one.peerings.some(({ remote, state }) => state === "Connected" && sameName(remote, other.id));
  return from === to || (leads(from, to) && leads(to, from));
}
