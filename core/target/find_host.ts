/** Finds the bastion host: the one that is named, or one that reaches the VM. */

import type { BastionHost } from "../azure/bastion_host.ts";
import type { VirtualMachine } from "../azure/inventory.ts";
import { isBareHost } from "../azure/read_bastion_host.ts";
import { findSubscription } from "../azure/subscription.ts";
import { bastionError, isBastionError } from "../errors.ts";
import { nearest } from "../nearest.ts";
import { isRecord } from "../record.ts";
import type { HostName } from "./grammar.ts";
import { labelOf, reach, unfitness, type Wanted } from "./reach.ts";
import type { Search } from "./search.ts";

/**
 * @param targetSubscription the target's, where a host is looked for that nobody placed
 * @throws BastionError `host-…`, `subscription-missing`, `arm-…`
 */
export async function namedHost(
  host: HostName,
  targetSubscription: string | undefined,
  search: Search,
): Promise<BastionHost> {
  if (host.id) {
    const { subscription, resourceGroup } = host.id;
    return await hostAt({ subscription, resourceGroup, name: host.name }, search);
  }
  if (host.group === undefined) return await hostByName(host.name, search);
  const subscription = search.preferred ?? targetSubscription ??
    await findSubscription(search.all, undefined);
  return await hostAt({ subscription, resourceGroup: host.group, name: host.name }, search);
}

async function hostAt(
  where: { readonly subscription: string; readonly resourceGroup: string; readonly name: string },
  { find, inventory, signal }: Search,
): Promise<BastionHost> {
  const { subscription, resourceGroup, name } = where;
  return await find({
    key: ["host", subscription, resourceGroup, name].map((part) => part.toLowerCase()),
    is: isHost,
    look: () => inventory.bastionHost(where, signal),
  });
}

async function hostByName(name: string, search: Search): Promise<BastionHost> {
  const { given, preferred, inventory, signal } = search;
  const subscriptions = await scopeOf(search);
  return await search.find({
    key: ["host name", given ?? "*", preferred ?? "", name.toLowerCase()],
    is: isHost,
    look: async () => {
      const hosts = await inventory.bastionHosts(subscriptions, signal);
      const found = hosts.filter((host) => host.name.toLowerCase() === name.toLowerCase());
      // Of several, the one in the subscription that the user works in is meant.
      const near = found.filter(({ subscription }) => subscription.toLowerCase() === preferred);
      const [host, ...others] = near.length > 0 ? near : found;
      if (host && others.length === 0) return host;
      if (host) {
        const candidates = [host, ...others]
          .map((one) => `${labelOf(one)} in ${one.subscription}`).sort().join(", ");
        throw bastionError("host-ambiguous", { host: name, candidates });
      }
      const meant = nearest(name, hosts.map((one) => one.name));
      throw bastionError("host-unknown", {
        host: name,
        where: given === undefined
          ? "any subscription that this credential sees"
          : `subscription ${given}`,
        remedy: (meant.length === 0 ? "" : `Did you mean ${meant.join(" or ")}? `) +
          "Run bastion list to see what there is.",
      });
    },
  });
}

/** A host that was found, and why it was taken. */
export interface FoundHost {
  readonly host: BastionHost;
  readonly note: string;
}

/**
 * The host that reaches the VM.
 * @param machineOf reads the VM with its VNets; asked only where no earlier run has found its host
 * @throws BastionError `host-none-reaches`, and what is wrong with the only host in reach
 */
export async function reachingHost(
  id: string,
  label: string,
  machineOf: () => Promise<VirtualMachine>,
  wanted: Required<Wanted>,
  search: Search,
): Promise<FoundHost> {
  const { given, inventory, signal } = search;
  const subscriptions = await scopeOf(search);
  return await search.find({
    key: ["way", given ?? "*", wanted.byIpAddress ? "by address" : "by id", id.toLowerCase()],
    // One that was found for another port need not reach this one.
    is: (value): value is FoundHost =>
      isFoundHost(value) && unfitness(value.host, wanted) === undefined,
    look: async () => {
      const [machine, hosts] = await Promise.all([
        machineOf(),
        inventory.bastionHosts(subscriptions, signal),
      ]);
      let found = reach(machine, hosts, [], wanted);
      let unread = "";
      // Most hosts stand in the VM's own VNet: its peerings are asked for only where none does.
      if (!("host" in found) && machine.networks.length > 0) {
        const peered = await peeredWith(machine, search);
        found = reach(machine, hosts, peered.networks, wanted);
        if (peered.forbidden) {
          unread = "; what its VNet is peered with cannot be seen: Reader on the VNet is needed";
        }
      }
      if ("host" in found) return { host: found.host, note: noteOf(found) };
      if (found.unfit !== undefined && unread === "") throw found.unfit;
      throw bastionError("host-none-reaches", { target: label, why: `${found.why}${unread}` });
    },
  });
}

async function peeredWith({ networks }: VirtualMachine, { inventory, signal }: Search) {
  let forbidden = false;
  const lists = await Promise.all(networks.map(async (network) => {
    try {
      return await inventory.peeredNetworks(network, signal);
    } catch (error) {
      if (!isBastionError(error, "arm-forbidden")) throw error;
      forbidden = true;
      return [];
    }
  }));
  return { networks: lists.flat(), forbidden };
}

function noteOf({ host, by, others }: Extract<ReturnType<typeof reach>, { host: unknown }>) {
  const where = by === "network" ? "the VM's VNet" : "a VNet that is peered with the VM's";
  const more = others.length === 0 ? "" : `; ${others.map(labelOf).join(", ")} would do as well`;
  return `The bastion host is ${labelOf(host)}, in ${where}${more}.`;
}

/** A host may stand in another subscription than its VM: all are searched but for a given one. */
async function scopeOf(search: Search): Promise<string[]> {
  return search.given === undefined ? (await search.all()).map(({ id }) => id) : [search.given];
}

function isHost(value: unknown): value is BastionHost {
  return isRecord(value) &&
    ["id", "name", "resourceGroup", "subscription", "sku", "endpoint", "provisioningState"]
      .every((key) => typeof value[key] === "string") &&
    typeof value["enableTunneling"] === "boolean" &&
    typeof value["enableIpConnect"] === "boolean" &&
    ["network", "tenant"].every((key) =>
      value[key] === undefined || typeof value[key] === "string"
    ) &&
    // A token goes there: what the file holds is believed no more than what Azure sends.
    isBareHost(String(value["endpoint"]));
}

function isFoundHost(value: unknown): value is FoundHost {
  return isRecord(value) && isHost(value["host"]) && typeof value["note"] === "string";
}
