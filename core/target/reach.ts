/** Which bastion host reaches a VM: the one rule, for connecting and for listing. Pure. */

import { type BastionHost, checkBastionHost } from "../azure/bastion_host.ts";
import type { VirtualMachine } from "../azure/inventory.ts";
import { describeError } from "../errors.ts";
import { printable } from "../secret.ts";

export type Reach =
  | {
    readonly host: BastionHost;
    /** Whether it stands in the VM's own VNet, or in one that is peered with it. */
    readonly by: "network" | "peering";
    /** Hosts that would do as well. */
    readonly others: readonly BastionHost[];
  }
  | {
    /** For people: a sentence without its full stop. */
    readonly why: string;
    /** Where all that is wrong is that the only host in reach is not fit: its own error. */
    readonly unfit?: unknown;
  };

export interface Wanted {
  /** By its IP address (IP connect), not by its resource id. */
  readonly byIpAddress?: boolean;
  /** Port on the target; 22 where it is left out. */
  readonly port?: number;
}

/** A sentence that names more is not read. */
const MOST_NAMED = 5;

/**
 * The host for `vm` among `hosts`: fit for what is wanted, in the VM's VNet, else in a VNet of
 * `peered` (those that are peered with the VM's; ids in lower case). Of several the one in the VM's
 * resource group, then in its subscription, then the first by id is taken, so that every run takes
 * the same.
 */
export function reach(
  vm: Pick<VirtualMachine, "networks" | "resourceGroup" | "subscription">,
  hosts: readonly BastionHost[],
  peered: readonly string[],
  { byIpAddress = false, port = 22 }: Wanted = {},
): Reach {
  if (vm.networks.length === 0) {
    return { why: "its VNet is not known; Reader on its network interface is needed to see it" };
  }
  const failures: { readonly host: BastionHost; readonly error: unknown }[] = [];
  for (const by of ["network", "peering"] as const) {
    const networks = by === "network" ? vm.networks : peered;
    const fit: BastionHost[] = [];
    for (const host of hosts) {
      if (host.network === undefined || !networks.includes(host.network)) continue;
      if (by === "peering" && isDeveloper(host)) continue;
      const error = unfitness(host, { byIpAddress, port });
      if (error === undefined) fit.push(host);
      else failures.push({ host, error });
    }
    const [host, ...others] = fit.sort((a, b) => rank(a, vm) - rank(b, vm) || byId(a, b));
    if (host) return { host, by, others };
  }
  const [failure, ...more] = failures;
  if (failure !== undefined && more.length === 0) {
    return { why: sentence(describeError(failure.error).message), unfit: failure.error };
  }
  if (failure !== undefined) {
    return { why: list(failures, ({ error }) => sentence(describeError(error).message)) };
  }
  if (hosts.length === 0) return { why: "this credential sees no bastion host there" };
  const where = `none stands in its VNet ${
    vm.networks.map(lastName).join(", ")
  }, nor in a peered one`;
  return {
    why: `${where} (${
      list(
        [...hosts].sort(byId),
        (host) =>
          `${labelOf(host)} is in ${host.network ? lastName(host.network) : "an unknown one"}`,
      )
    })`,
  };
}

/** For people: `group/name`. */
export function labelOf(
  resource: { readonly resourceGroup: string; readonly name: string },
): string {
  return printable(`${resource.resourceGroup}/${resource.name}`, 180);
}

/** What keeps `host` from doing what is wanted: an error; nothing where it can. */
export function unfitness(
  host: BastionHost,
  wanted: { readonly byIpAddress: boolean; readonly port: number },
): unknown {
  try {
    checkBastionHost(host, wanted);
    return undefined;
  } catch (error) {
    return error;
  }
}

/** The Developer SKU serves the VNet that it stands in alone. */
function isDeveloper({ sku }: BastionHost): boolean {
  return sku.toLowerCase() === "developer";
}

function rank(host: BastionHost, vm: Pick<VirtualMachine, "resourceGroup" | "subscription">) {
  const sameSubscription = same(host.subscription, vm.subscription);
  if (sameSubscription && same(host.resourceGroup, vm.resourceGroup)) return 0;
  return sameSubscription ? 1 : 2;
}

function byId(a: BastionHost, b: BastionHost): number {
  const [one, other] = [a.id.toLowerCase(), b.id.toLowerCase()];
  return one < other ? -1 : one > other ? 1 : 0;
}

function same(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}

function lastName(id: string): string {
  return printable(id.split("/").at(-1) ?? id, 80);
}

function sentence(message: string): string {
  return message.replace(/\.$/, "");
}

function list<Item>(items: readonly Item[], say: (item: Item) => string): string {
  const more = items.length - MOST_NAMED;
  return items.slice(0, MOST_NAMED).map(say).join("; ") + (more > 0 ? `; and ${more} more` : "");
}
