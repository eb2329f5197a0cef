/**
 * What there is in the user's Azure, read from Resource Manager: by Resource Graph where it may be
 * asked, by plain lists where not. All ids of networks are in lower case, so that they can be
 * compared.
 */

import type { BastionHost } from "./bastion_host.ts";
import type { Subscription } from "./subscription.ts";

/** A VM, or an instance of a scale set. */
export interface VirtualMachine {
  readonly id: string;
  /** `web1`; of an instance `set/3`. */
  readonly name: string;
  readonly resourceGroup: string;
  readonly subscription: string;
  /** As Azure has it: `running`, `stopped`, `deallocated`, …; undefined where it is not told. */
  readonly power?: string;
  readonly os?: "linux" | "windows";
  /** The first private IPv4 address of the first network interface. */
  readonly privateIp?: string;
  /** The VNets that its network interfaces are in. */
  readonly networks: readonly string[];
}

export interface Inventory {
  /** Every enabled subscription that the credential may see. */
  subscriptions(signal?: AbortSignal): Promise<readonly Subscription[]>;
  /** Bastion hosts of these subscriptions (ids); those still without an address are left out. */
  bastionHosts(
    subscriptions: readonly string[],
    signal?: AbortSignal,
  ): Promise<readonly BastionHost[]>;
  /**
   * One bastion host.
   * @throws BastionError `host-not-found`, `host-provisioning`, `arm-…`
   */
  bastionHost(
    where: { readonly subscription: string; readonly resourceGroup: string; readonly name: string },
    signal?: AbortSignal,
  ): Promise<BastionHost>;
  /** VMs and scale-set instances of these subscriptions (ids). */
  virtualMachines(
    subscriptions: readonly string[],
    signal?: AbortSignal,
  ): Promise<readonly VirtualMachine[]>;
  /**
   * One VM or instance with its power state; undefined where there is none.
   * @throws BastionError `arm-forbidden` and others
   */
  virtualMachine(id: string, signal?: AbortSignal): Promise<VirtualMachine | undefined>;
  /** VNets that are peered (and connected) with `network`, a VNet's id. */
  peeredNetworks(network: string, signal?: AbortSignal): Promise<readonly string[]>;
}
