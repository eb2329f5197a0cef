/** Where no target is named: the user picks one. */

import type { VirtualMachine } from "../azure/inventory.ts";
import { bastionError } from "../errors.ts";
import type { Prompt } from "../prompt.ts";
import { printable } from "../secret.ts";
import { labelOf } from "./reach.ts";
import type { Search } from "./search.ts";

/** @throws BastionError `target-not-found` where there is nothing to pick, `arm-…` */
export async function pickMachine(search: Search, prompt: Prompt): Promise<VirtualMachine> {
  const { given, preferred, inventory, signal } = search;
  let machines = preferred === undefined
    ? []
    : await inventory.virtualMachines([preferred], signal);
  if (machines.length === 0 && given === undefined) {
    machines = await inventory.virtualMachines((await search.all()).map(({ id }) => id), signal);
  }
  if (machines.length === 0) {
    throw bastionError("target-not-found", {
      target: "to pick from",
      tried: "this credential sees no VM",
      remedy: "Check --subscription and the credential's roles, or name the target.",
    });
  }
  const several = new Set(machines.map(({ subscription }) => subscription)).size > 1;
  const names = new Map(several ? (await search.all()).map(({ id, name }) => [id, name]) : []);
  const choices = machines.map((machine) => ({
    label: labelOf(machine),
    detail: [
      machine.power ?? "power state unknown",
      machine.privateIp ?? "no IP address",
      ...(several ? [names.get(machine.subscription) ?? machine.subscription] : []),
    ].map((part) => printable(part, 60)).join(", "),
    value: machine,
  })).sort((a, b) => a.label < b.label ? -1 : a.label > b.label ? 1 : 0);
  return await prompt.select({
    message: "Which VM?",
    flag: "TARGET, --target-resource-id or --target-ip-address",
    choices,
    ...(signal ? { signal } : {}),
  });
}
