/** What there is in a user's Azure, as plain lists; every question that it is asked is kept. */

import type { BastionHost } from "../../core/azure/bastion_host.ts";
import type { Inventory, VirtualMachine } from "../../core/azure/inventory.ts";
import { findSubscription, type Subscription } from "../../core/azure/subscription.ts";
import { bastionError } from "../../core/errors.ts";

export interface FakeAzure {
  subscriptions?: readonly Subscription[];
  hosts?: readonly BastionHost[];
  machines?: readonly VirtualMachine[];
  /** By a VNet's id, those that it is peered with; or what asking fails with. */
  peerings?: Readonly<Record<string, readonly string[] | Error>>;
}

export interface FakeInventory extends Inventory {
  /** As `hosts dev,prod`: what was asked, and about what. */
  readonly asked: string[];
}

/** What `azure` holds is read with each question, so that a test may change it. */
export function fakeInventory(azure: FakeAzure): FakeInventory {
  const asked: string[] = [];
  const all = () => azure.subscriptions ?? [];
  const labels = (ids: readonly string[]) =>
    ids.map((id) => all().find((one) => one.id === id)?.name ?? id).join(",");
  const within = <Item extends { readonly subscription: string }>(
    items: readonly Item[] | undefined,
    ids: readonly string[],
  ) => (items ?? []).filter(({ subscription }) => ids.includes(subscription));
  const same = (a: string, b: string) => a.toLowerCase() === b.toLowerCase();
  const ask = <Value>(question: string, signal: AbortSignal | undefined, answer: () => Value) => {
    asked.push(question);
    return signal?.aborted ? Promise.reject(signal.reason) : Promise.resolve().then(() => answer());
  };
  return {
    asked,
    subscriptions: (signal) => ask("subscriptions", signal, all),
    subscription: (given, signal) =>
      findSubscription(() => ask("subscriptions", signal, all), given),
    bastionHosts: (ids, signal) =>
      ask(`hosts ${labels(ids)}`, signal, () => within(azure.hosts, ids)),
    bastionHost: ({ subscription, resourceGroup, name }, signal) =>
      ask(`host ${labels([subscription])} ${resourceGroup}/${name}`, signal, () => {
        const found = within(azure.hosts, [subscription.toLowerCase()]).find((host) =>
          same(host.resourceGroup, resourceGroup) && same(host.name, name)
        );
        if (found) return found;
        throw bastionError("host-not-found", { host: `${resourceGroup}/${name}`, subscription });
      }),
    virtualMachines: (ids, signal) =>
      ask(`machines ${labels(ids)}`, signal, () => within(azure.machines, ids)),
    virtualMachine: (id, signal) =>
      ask(
        `machine ${id.split("/").slice(8).filter((_, i) => i % 2 === 0).join("/")}`,
        signal,
        () => azure.machines?.find((machine) => same(machine.id, id)),
      ),
    peeredNetworks: (network, signal) =>
      ask(`peerings ${network}`, signal, () => {
        const found = azure.peerings?.[network] ?? [];
        if (found instanceof Error) throw found;
        return found;
      }),
    reach: () => Promise.reject(new Error("resolving does not ask for it")),
  };
}

/** A VM in group `app` with the address 10.1.0.4, or an instance: `set/3`. */
export function fakeMachine(
  name: string,
  given: Partial<VirtualMachine> & { readonly subscription: string },
): VirtualMachine {
  const resourceGroup = given.resourceGroup ?? "app";
  const compute = `/subscriptions/${given.subscription}/resourceGroups/${resourceGroup}` +
    "/providers/Microsoft.Compute";
  const [first = "", instance] = name.split("/");
  return {
    id: instance === undefined
      ? `${compute}/virtualMachines/${first}`
      : `${compute}/virtualMachineScaleSets/${first}/virtualMachines/${instance}`,
    name,
    resourceGroup,
    power: "running",
    privateIp: "10.1.0.4",
    networks: ["/vnets/spoke"],
    ...given,
  };
}

/** A host of SKU Standard in group `net` and VNet `/vnets/hub`, with all features on. */
export function fakeHost(
  name: string,
  given: Partial<BastionHost> & { readonly subscription: string },
): BastionHost {
  const resourceGroup = given.resourceGroup ?? "net";
  return {
    id: `/subscriptions/${given.subscription}/resourceGroups/${resourceGroup}` +
      `/providers/Microsoft.Network/bastionHosts/${name}`,
    name,
    resourceGroup,
    sku: "Standard",
    endpoint: `${name}.example`,
    enableTunneling: true,
    enableIpConnect: true,
    provisioningState: "Succeeded",
    network: "/vnets/hub",
    ...given,
  };
}
