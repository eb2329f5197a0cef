/** The VMs and scale-set instances of some subscriptions, with power state, address and VNets. */

import { isBastionError } from "../errors.ts";
import type { Logger } from "../logger.ts";
import type { ArmClient } from "./arm_client.ts";
import { dig } from "./dig.ts";
import { eachSubscription } from "./each_subscription.ts";
import type { VirtualMachine } from "./inventory.ts";
import { type NetworkInterface, readNetworkInterface } from "./network_interface.ts";
import { askResourceGraph } from "./resource_graph.ts";
import { parseResourceId, type ResourceId } from "./resource_id.ts";
import { COMPUTE_API_VERSION, scaleSetInstances } from "./scale_set_instances.ts";
import {
  describeMachine,
  interfaceIds,
  parseMachineId,
  powerIn,
  VM_FIELDS,
} from "./virtual_machine.ts";

export const NETWORK_API_VERSION = "2024-01-01";
const WHAT = "the VMs";
const TYPES = {
  vm: "microsoft.compute/virtualmachines",
  set: "microsoft.compute/virtualmachinescalesets",
  interface: "microsoft.network/networkinterfaces",
} as const;
/** What Resource Graph is asked for, of all three types at once. */
const COLUMNS = {
  ...VM_FIELDS,
  power: "properties.extended.instanceView.powerState.code",
  configurations: "properties.ipConfigurations",
  mode: "properties.orchestrationMode",
} as const;

/** Rows with {@linkcode COLUMNS}, by their kind. */
type Rows = Record<keyof typeof TYPES, readonly Record<string, unknown>[]>;

/** @param graph whether Resource Graph knows the subscriptions */
export async function listVirtualMachines(
  arm: ArmClient,
  subscriptions: readonly string[],
  graph: boolean,
  log: Logger,
  signal: AbortSignal,
): Promise<VirtualMachine[]> {
  const rows = graph
    ? await askResourceGraph(arm, subscriptions, Object.values(TYPES), COLUMNS, WHAT, signal)
    : undefined;
  if (rows) {
    const ofType = (type: string) =>
      rows.filter((row) => String(row["type"]).toLowerCase() === type);
    return await assemble({
      vm: ofType(TYPES.vm),
      set: ofType(TYPES.set),
      interface: ofType(TYPES.interface),
    });
  }
  return await eachSubscription(
    subscriptions,
    WHAT,
    log,
    async (subscription) => await assemble(await listRows(subscription)),
  );

  async function assemble(rows: Rows): Promise<VirtualMachine[]> {
    const interfaces = new Map<string, NetworkInterface>();
    for (const row of rows.interface) {
      const id = String(row["id"]).toLowerCase();
      interfaces.set(id, readNetworkInterface(row["configurations"]));
    }
    const machines = rows.vm.flatMap((row) => {
      const id = parseMachineId(row["id"]);
      const own = interfaceIds(row["interfaces"]).map((one) => interfaces.get(one.toLowerCase()));
      return id ? [describeMachine(id, row, own.filter((one) => one !== undefined))] : [];
    });
    for (const row of rows.set) {
      const id = typeof row["id"] === "string" ? parseResourceId(row["id"]) : undefined;
      // The VMs of a flexible scale set are VMs like others.
      if (!id || String(row["mode"]).toLowerCase() === "flexible") continue;
      for (const one of await instancesOf(id)) machines.push(one);
    }
    return machines;
  }

  async function instancesOf(set: ResourceId): Promise<VirtualMachine[]> {
    try {
      return await scaleSetInstances(arm, set, signal);
    } catch (error) {
      if (!isBastionError(error, "arm-forbidden", "arm-unreadable")) throw error;
      log.warning("the instances of a scale set are left out", { problem: error.message });
      return [];
    }
  }

  /** The same without Resource Graph. */
  async function listRows(subscription: string): Promise<Rows> {
    const compute = `/subscriptions/${subscription}/providers/Microsoft.Compute`;
    const what = `${WHAT} of ${subscription}`;
    const machines = await arm.list(
      `${compute}/virtualMachines`,
      COMPUTE_API_VERSION,
      what,
      signal,
    );
    const power = new Map<unknown, unknown>();
    const states = await arm.list(`${compute}/virtualMachines`, COMPUTE_API_VERSION, what, signal, {
      statusOnly: "true",
    });
    for (const one of states) {
      const statuses = dig(one, "properties.instanceView.statuses");
      power.set(String(dig(one, "id")).toLowerCase(), powerIn(statuses));
    }
    const sets = await optional(`${compute}/virtualMachineScaleSets`, COMPUTE_API_VERSION);
    const interfaces = await optional(
      `/subscriptions/${subscription}/providers/Microsoft.Network/networkInterfaces`,
      NETWORK_API_VERSION,
    );
    return {
      vm: machines.map((one) => ({
        ...columnsOf(one),
        power: power.get(String(dig(one, "id")).toLowerCase()),
      })),
      set: sets.map(columnsOf),
      interface: interfaces.map(columnsOf),
    };
  }

  /** What a custom role may not read does not hide the VMs. */
  async function optional(path: string, apiVersion: string): Promise<unknown[]> {
    try {
      return await arm.list(path, apiVersion, path, signal);
    } catch (error) {
      if (!isBastionError(error, "arm-forbidden")) throw error;
      log.warning("some of the VMs are not known in full", { problem: error.message });
      return [];
    }
  }
}

function columnsOf(document: unknown): Record<string, unknown> {
  const columns = Object.entries(COLUMNS).map(([name, path]) => [name, dig(document, path)]);
  return { ...Object.fromEntries(columns), id: dig(document, "id") };
}
