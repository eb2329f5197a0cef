/** What `bastion targets` does. */

import type { CommandHandler, Inventory, Reach, VirtualMachine } from "../../core/mod.ts";
import { readScope, subscriptionColumn } from "./scope.ts";
import { tableLines } from "./table.ts";
import { terminalWidth } from "./terminal_width.ts";

/** VMs that are asked about at a time: each new VNet is a question to Azure. */
const AT_ONCE = 8;

interface Row {
  readonly vm: VirtualMachine;
  readonly reach: Reach;
}

export const run: CommandHandler = async ({ options }, ctx) => {
  const inventory = await ctx.inventory();
  const scope = await readScope(options, inventory, ctx);
  const found = await inventory.virtualMachines(scope.subscriptions, ctx.signal);
  const rows = await reachAll(found.filter(scope.includes), inventory, ctx.signal);
  ctx.out.result({ targets: rows.map(describe) });
  if (rows.length === 0) {
    ctx.out.notice("There is no VM that this credential may see.");
    return;
  }
  const subscription = subscriptionColumn(rows.map(({ vm }) => vm), scope);
  const headings = ["VM", "POWER", "OS", "IP", "REACHED BY"];
  if (subscription) headings.splice(1, 0, "SUBSCRIPTION");
  const cells = rows.map(({ vm, reach }) => [
    `${vm.resourceGroup}/${vm.name}`,
    ...(subscription ? [subscription(vm)] : []),
    vm.power ?? "unknown",
    vm.os ?? "",
    vm.privateIp ?? "",
    sayReach(reach),
  ]);
  for (const line of tableLines(headings, cells, terminalWidth())) ctx.out.line(line);
};

async function reachAll(
  machines: readonly VirtualMachine[],
  inventory: Inventory,
  signal: AbortSignal,
): Promise<Row[]> {
  const rows: Row[] = [];
  for (let at = 0; at < machines.length; at += AT_ONCE) {
    const some = machines.slice(at, at + AT_ONCE);
    rows.push(
      ...await Promise.all(some.map(async (vm) => {
        return { vm, reach: await inventory.reach(vm, {}, signal) };
      })),
    );
  }
  return rows;
}

function sayReach(reach: Reach): string {
  if (!("host" in reach)) return `nothing: ${reach.why}`;
  const { host, by } = reach;
  return `${host.resourceGroup}/${host.name}${by === "peering" ? " (peered)" : ""}`;
}

function describe({ vm, reach }: Row) {
  const { id, name, resourceGroup, subscription, power, os, privateIp, networks } = vm;
  return {
    id,
    name,
    resourceGroup,
    subscription,
    power: power ?? null,
    os: os ?? null,
    privateIp: privateIp ?? null,
    networks,
    ...("host" in reach
      ? {
        bastionHost: {
          id: reach.host.id,
          name: reach.host.name,
          resourceGroup: reach.host.resourceGroup,
          subscription: reach.host.subscription,
        },
        by: reach.by,
      }
      : { bastionHost: null, why: reach.why }),
  };
}
