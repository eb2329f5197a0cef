/** Reads what there is in the user's Azure. */

import type { Clock } from "../clock.ts";
import { isBastionError } from "../errors.ts";
import type { Logger } from "../logger.ts";
import type { Once } from "../once.ts";
import type { LookupCache } from "../target/lookup_cache.ts";
import { reach } from "../target/reach.ts";
import { subscriptionsLookup } from "../target/subscriptions_lookup.ts";
import type { ArmClient } from "./arm_client.ts";
import { getBastionHost } from "./bastion_host.ts";
import { getVirtualMachine } from "./get_virtual_machine.ts";
import type { Inventory, VirtualMachine } from "./inventory.ts";
import { listBastionHosts } from "./list_bastion_hosts.ts";
import { listVirtualMachines } from "./list_virtual_machines.ts";
import { peeredNetworks } from "./peered_networks.ts";
import { createQuestions } from "./questions.ts";
import { findSubscription, listSubscriptions } from "./subscription.ts";

/** How long hosts, peerings and subscriptions are good, in ms, where many VMs are asked about. */
const KEEP = 60_000;

/**
 * @param lookups where an earlier run's answer will do, so that many runs at once ask once
 */
export function createInventory(
  arm: ArmClient,
  clock: Clock,
  log: Logger,
  lookups?: Once<LookupCache>,
): Inventory {
  const questions = createQuestions(clock);

  const subscriptions: Inventory["subscriptions"] = (signal) =>
    questions.ask("subscriptions", signal, (signal) => listSubscriptions(arm, signal), KEEP);

  /** Resource Graph is asked for what the credential's own tenant shows it. */
  async function isShown(ids: readonly string[], signal: AbortSignal): Promise<boolean> {
    const look = () => subscriptions(signal);
    const all = lookups
      ? (await (await lookups()).get({ ...subscriptionsLookup(look), signal })).value
      : await look();
    const shown = new Set(all.map(({ id }) => id.toLowerCase()));
    return ids.every((id) => shown.has(id));
  }

  const keyOf = (kind: string, ids: readonly string[]) => `${kind} ${[...ids].sort().join(" ")}`;

  function bastionHosts(given: readonly string[], signal?: AbortSignal, keep = 0) {
    const ids = unique(given);
    return questions.ask(keyOf("hosts", ids), signal, async (signal) => {
      const graph = await isShown(ids, signal);
      return sorted(await listBastionHosts(arm, ids, graph, log, signal));
    }, keep);
  }

  const peerings = (network: string, signal?: AbortSignal) =>
    questions.ask(
      `peerings ${network.toLowerCase()}`,
      signal,
      (signal) => peeredNetworks(arm, network, signal),
      KEEP,
    );

  /** A VNet that may not be read hides its peerings, not the host in the VM's own. */
  async function visiblePeerings(network: string, signal?: AbortSignal) {
    try {
      return await peerings(network, signal);
    } catch (error) {
      if (!isBastionError(error, "arm-forbidden")) throw error;
      log.info("the peerings of a VNet are not known", { problem: error.message });
      return [];
    }
  }

  return {
    subscriptions,
    subscription: (given, signal) => findSubscription(() => subscriptions(signal), given),
    bastionHosts: (ids, signal) => bastionHosts(ids, signal),
    bastionHost: (where, signal) => getBastionHost(arm, where, signal),
    virtualMachines(given, signal) {
      const ids = unique(given);
      return questions.ask(keyOf("machines", ids), signal, async (signal) => {
        const graph = await isShown(ids, signal);
        return sorted(await listVirtualMachines(arm, ids, graph, log, signal));
      });
    },
    virtualMachine: (id, signal) =>
      questions.ask(
        `machine ${id.toLowerCase()}`,
        signal,
        (signal) => getVirtualMachine(arm, id, log, signal),
      ),
    peeredNetworks: peerings,
    async reach(vm, wanted, signal) {
      const ids = (await subscriptions(signal)).map(({ id }) => id);
      const hosts = await bastionHosts([...ids, vm.subscription], signal, KEEP);
      const own = reach(vm, hosts, [], wanted);
      // Most VMs need no peering, which would be a request more.
      if ("host" in own) return own;
      const peered = await Promise.all(vm.networks.map((one) => visiblePeerings(one, signal)));
      return reach(vm, hosts, peered.flat(), wanted);
    },
  };
}

type Listed = Pick<VirtualMachine, "id" | "name" | "resourceGroup" | "subscription">;

function unique(ids: readonly string[]): string[] {
  return [...new Set(ids.map((id) => id.toLowerCase()))];
}

const ORDER = new Intl.Collator("en", { numeric: true });

/** By subscription, group and name; the tenth instance after the second. */
function sorted<Item extends Listed>(items: Item[]): Item[] {
  const keyed = items.map((item) => {
    const { subscription, resourceGroup, name, id } = item;
    return { item, key: [subscription, resourceGroup, name, id].join("\n").toLowerCase() };
  });
  return keyed.sort((a, b) => ORDER.compare(a.key, b.key)).map(({ item }) => item);
}
