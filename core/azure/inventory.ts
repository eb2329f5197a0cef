/**
 * What there is in the user's Azure, read from Resource Manager: by Resource Graph where it may be
 * asked, by plain lists where not. All ids of networks are in lower case, so that they can be
 * compared.
 */

import type { Reach, Wanted } from "../target/reach.ts";
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

/** Whoever asks what is being asked already shares the answer. */
export interface Inventory {
  /** Every enabled subscription that the credential may see. */
  subscriptions(signal?: AbortSignal): Promise<readonly Subscription[]>;
  /**
   * The id of the subscription that `given` (an id or a name) means; without it, the only one.
   * @throws BastionError `subscription-not-found`, `subscription-missing`
   */
  subscription(given: string | undefined, signal?: AbortSignal): Promise<string>;
  /**
   * Bastion hosts of these subscriptions (ids); those still without an address are left out. A
   * subscription that may not be read is said in the log, unless it is the only one.
   */
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
  /** VMs and scale-set instances of these subscriptions (ids), as {@linkcode bastionHosts}. */
  virtualMachines(
    subscriptions: readonly string[],
    signal?: AbortSignal,
  ): Promise<readonly VirtualMachine[]>;
  /**
   * One VM or instance with its power state; undefined where there is none, or where the id is of
   * something else.
   * @throws BastionError `vm-forbidden`, `arm-…`
   */
  virtualMachine(id: string, signal?: AbortSignal): Promise<VirtualMachine | undefined>;
  /**
   * VNets that are peered (and connected) with `network`, a VNet's id; none where there is no such
   * VNet.
   * @throws BastionError `arm-forbidden` and others
   */
  peeredNetworks(network: string, signal?: AbortSignal): Promise<readonly string[]>;
  /**
   * Which bastion host of any subscription that the credential may see reaches a VM; what was read
   * for it is good for a minute.
   */
  reach(
    vm: Pick<VirtualMachine, "networks" | "resourceGroup" | "subscription">,
    wanted?: Wanted,
    signal?: AbortSignal,
  ): Promise<Reach>;
}
