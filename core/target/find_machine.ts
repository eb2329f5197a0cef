/** Finds the VM, or the scale set's instance, that a name or an address means. */

import type { Inventory, VirtualMachine } from "../azure/inventory.ts";
import type { ResourceId } from "../azure/resource_id.ts";
import type { Subscription } from "../azure/subscription.ts";
import { isDown } from "../azure/virtual_machine.ts";
import { bastionError } from "../errors.ts";
import { nearest } from "../nearest.ts";
import { isRecord } from "../record.ts";
import { printable } from "../secret.ts";
import type { NameReading } from "./grammar.ts";
import type { Named } from "./name_target.ts";
import { labelOf } from "./reach.ts";
import type { Search } from "./search.ts";

/** Candidates that an error lists. */
const MOST_LISTED = 10;
/**
 * How long a VM counts as running, in ms. A hundred starts at once take some time to begin; one that
 * was stopped within it is told by the connection's failure.
 */
const RUNNING_LIFETIME = 60_000;

/**
 * With its power state and VNets.
 * @throws BastionError `vm-not-found`, `vm-forbidden`, `arm-…`
 */
export async function findMachineById(
  { id, subscription, resourceGroup, names }: ResourceId,
  { find, inventory, signal }: Search,
): Promise<VirtualMachine> {
  return await find({
    key: ["vm", id.toLowerCase()],
    is: isMachine,
    // Whoever has started it asks anew.
    lifetime: (machine) => isDown(machine) ? 0 : RUNNING_LIFETIME,
    look: async () => {
      const machine = await inventory.virtualMachine(id, signal);
      if (machine) return machine;
      const vm = printable([resourceGroup, ...names].join("/"), 250);
      throw bastionError("vm-not-found", { vm, subscription });
    },
  });
}

/**
 * Without its power state, which is kept for less long.
 * @throws BastionError `usage`, `target-not-found`, `target-ambiguous`, `arm-…`
 */
export async function findMachineByName(
  named: Extract<Named, { kind: "name" }>,
  search: Search,
): Promise<{ readonly machine: VirtualMachine; readonly note: string }> {
  const { word, readings, asked } = named;
  if (readings.length === 0) {
    const known = asked.length === 0 ? "" : `, and not known to ${asked.join(", ")}`;
    throw bastionError("usage", {
      problem: `${JSON.stringify(word)} is no VM's name${known}.`,
      remedy: /^[^:]*:\d+$/.test(word)
        ? "Give the port by --resource-port."
        : "Give [GROUP/]NAME, [GROUP/]SCALE-SET/INSTANCE, a private IP address, or a resource id.",
    });
  }
  const { preferred, inventory, signal } = search;
  const all = preferred === undefined ? await search.all() : [];
  const subscriptions = preferred === undefined ? all.map(({ id }) => id) : [preferred];
  const machine = await search.find({
    key: ["machine", preferred ?? "*", word.toLowerCase()],
    is: isMachine,
    look: async () => {
      const machines = await inventory.virtualMachines(subscriptions, signal);
      const [found, ...others] = matches(readings, machines);
      if (!found) throw await notFound(named, machines, search);
      if (others.length > 0) {
        throw ambiguous(word, [found, ...others], await namesOf(inventory, signal));
      }
      return withoutPower(found);
    },
  });
  const subscription = all.find(({ id }) => id === machine.subscription.toLowerCase());
  const where = subscription ? ` in subscription ${printable(subscription.name, 80)}` : "";
  return { machine, note: `${word} is the VM ${labelOf(machine)}${where}.` };
}

/**
 * The one VM that has this private address.
 * @throws BastionError `host-not-told`, `arm-…`
 */
export async function findMachineByAddress(
  address: string,
  search: Search,
): Promise<VirtualMachine> {
  const { given, inventory, signal } = search;
  const subscriptions = given === undefined ? (await search.all()).map(({ id }) => id) : [given];
  return await search.find({
    key: ["address", given ?? "*", address],
    is: isMachine,
    look: async () => {
      const machines = await inventory.virtualMachines(subscriptions, signal);
      const [found, ...others] = machines.filter(({ privateIp }) => privateIp === address);
      if (found && others.length === 0) return withoutPower(found);
      const why = found
        ? `several VMs have this address: ${list([found, ...others].map(labelOf))}`
        : "no VM that this credential sees has this address";
      throw bastionError("host-not-told", { target: address, why });
    },
  });
}

/** The machines that the first reading that fits any of them fits. */
function matches(readings: readonly NameReading[], machines: readonly VirtualMachine[]) {
  for (const { group, name } of readings) {
    const found = machines.filter((machine) =>
      machine.name.toLowerCase() === name.toLowerCase() &&
      (group === undefined || machine.resourceGroup.toLowerCase() === group.toLowerCase())
    );
    if (found.length > 0) return found;
  }
  return [];
}

function ambiguous(word: string, found: readonly VirtualMachine[], names: Map<string, string>) {
  const candidates = list(
    found.map((machine) =>
      `${labelOf(machine)} in ${
        printable(names.get(machine.subscription.toLowerCase()) ?? machine.subscription, 80)
      }`
    ).sort(),
  );
  return bastionError("target-ambiguous", { target: word, candidates });
}

/** Who was asked in vain; and what was meant, as far as can be guessed. */
async function notFound(
  { word, readings, asked }: Extract<Named, { kind: "name" }>,
  machines: readonly VirtualMachine[],
  search: Search,
): Promise<Error> {
  const { given, preferred, inventory, signal } = search;
  const names = await namesOf(inventory, signal);
  const scope = preferred === undefined
    ? "any subscription that this credential sees"
    : `subscription ${printable(names.get(preferred) ?? preferred, 80)}`;
  const others = asked.length === 0 ? "" : `${asked.join(", ")} do not know it, and `;
  const fail = (remedy: string) =>
    bastionError("target-not-found", {
      target: word,
      tried: `${others}no VM of that name is in ${scope}`,
      remedy,
    });
  if (preferred !== undefined) {
    const elsewhere = [...names.keys()].filter((id) => id !== preferred);
    const [found] = matches(readings, await inventory.virtualMachines(elsewhere, signal));
    if (found) {
      const there = names.get(found.subscription.toLowerCase()) ?? found.subscription;
      return fail(
        `There is ${labelOf(found)} in ${printable(there, 80)}: ` +
          (given === undefined
            ? `give --subscription ${quoted(there) ?? found.subscription}.`
            : "give its resource id, or leave out --subscription, which is the host's as well."),
      );
    }
  }
  const spelt = word.includes("/") ? machines.map(labelOf) : machines.map(({ name }) => name);
  const meant = nearest(word, spelt.map((name) => printable(name, 180)));
  return fail(
    (meant.length === 0 ? "" : `Did you mean ${meant.join(" or ")}? `) +
      "Run bastion targets to see what there is.",
  );
}

async function namesOf(inventory: Inventory, signal?: AbortSignal): Promise<Map<string, string>> {
  const all: readonly Subscription[] = await inventory.subscriptions(signal);
  return new Map(all.map(({ id, name }) => [id.toLowerCase(), name]));
}

function list(items: readonly string[]): string {
  const more = items.length - MOST_LISTED;
  return items.slice(0, MOST_LISTED).join(", ") + (more > 0 ? ` and ${more} more` : "");
}

/** For a shell, into which it may be pasted; nothing for a name that would say more there. */
function quoted(name: string): string | undefined {
  if (/^\w[\w.-]*$/.test(name)) return name;
  return /^[\p{L}\p{N}][\p{L}\p{N} _.,:()-]{0,79}$/u.test(name) ? `"${name}"` : undefined;
}

function withoutPower({ power: _, ...machine }: VirtualMachine): VirtualMachine {
  return machine;
}

function isMachine(value: unknown): value is VirtualMachine {
  return isRecord(value) &&
    ["id", "name", "resourceGroup", "subscription"].every((key) =>
      typeof value[key] === "string"
    ) &&
    ["undefined", "string"].includes(typeof value["power"]) &&
    Array.isArray(value["networks"]) && value["networks"].every((one) => typeof one === "string");
}
