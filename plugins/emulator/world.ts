/** The pretended part of Azure, and how what is in it is found. */

import { parseResourceId, sameName } from "./resource_id.ts";
import { defaults, type WorldDescription } from "./world_schema.ts";

export interface Subscription {
  readonly id: string;
  readonly name: string;
  readonly tenant: string;
}

export interface ServicePrincipal {
  readonly tenant: string;
  readonly clientId: string;
  readonly clientSecret?: string;
  /** PEM. */
  readonly certificate?: string;
}

interface Resource {
  readonly id: string;
  readonly name: string;
  readonly resourceGroup: string;
  readonly subscription: Subscription;
}

export interface BastionHostResource extends Resource {
  readonly sku: string;
  readonly enableTunneling: boolean;
  readonly enableIpConnect: boolean;
  readonly provisioningState: string;
}

export interface VirtualMachine extends Resource {
  readonly privateIp: string;
  /** Remote port → `host:port`, or a built-in server's name. */
  readonly ports: ReadonlyMap<number, string>;
}

export interface World {
  readonly subscriptions: readonly Subscription[];
  readonly servicePrincipals: readonly ServicePrincipal[];
  readonly bastionHosts: readonly BastionHostResource[];
  readonly virtualMachines: readonly VirtualMachine[];
}

/** Fills in what the description leaves open: ids, tenants, and a secret where none is given. */
export function createWorld(description: WorldDescription): World {
  const tenant = description.servicePrincipals[0]?.tenant ?? defaults.tenant;
  const subscriptions = description.subscriptions.map((one): Subscription => ({
    id: one.id.toLowerCase(),
    name: one.name,
    tenant: one.tenant ?? tenant,
  }));
  const resource = (
    one: { name: string; resourceGroup: string; subscription?: string | undefined },
    type: string,
  ): Resource => {
    const [first] = subscriptions;
    const { subscription: wanted = first?.id ?? "" } = one;
    const subscription = subscriptions.find(({ id }) => sameName(id, wanted)) ?? first;
    if (!subscription) throw new TypeError("a checked world has a subscription");
    return {
      id:
        `/subscriptions/${subscription.id}/resourceGroups/${one.resourceGroup}/providers/${type}/${one.name}`,
      name: one.name,
      resourceGroup: one.resourceGroup,
      subscription,
    };
  };
  return {
    subscriptions,
    servicePrincipals: description.servicePrincipals.map((one): ServicePrincipal => ({
      tenant: one.tenant,
      clientId: one.clientId,
      ...(one.certificate === undefined ? {} : { certificate: one.certificate }),
      ...(one.clientSecret === undefined
        ? one.certificate === undefined ? { clientSecret: randomSecret() } : {}
        : { clientSecret: one.clientSecret }),
    })),
    bastionHosts: description.bastionHosts.map((one): BastionHostResource => ({
      ...resource(one, "Microsoft.Network/bastionHosts"),
      sku: one.sku,
      enableTunneling: one.enableTunneling,
      enableIpConnect: one.enableIpConnect,
      provisioningState: one.provisioningState,
    })),
    virtualMachines: description.virtualMachines.map((one): VirtualMachine => ({
      ...resource(one, "Microsoft.Compute/virtualMachines"),
      privateIp: one.privateIp,
      ports: new Map(Object.entries(one.ports).map(([port, to]) => [Number(port), to])),
    })),
  };
}

/** Letters and digits, 192 bits of chance. */
export function randomSecret(): string {
  return crypto.getRandomValues(new Uint8Array(24)).toHex();
}

/**
 * The VM that an id leads to. Any type of resource will do (AKS clusters are tunnelled to, too):
 * what counts is that a VM of that name is in that group.
 */
export function findVirtualMachine(
  world: World,
  resourceId: string,
): VirtualMachine | undefined {
  const id = parseResourceId(resourceId);
  if (!id) return undefined;
  return world.virtualMachines.find((vm) =>
    sameName(vm.subscription.id, id.subscription) &&
    sameName(vm.resourceGroup, id.resourceGroup) && sameName(vm.name, id.name)
  );
}
