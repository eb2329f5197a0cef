/** A VM, or an instance of a scale set, as Resource Manager describes it. Pure. */

import { bastionError } from "../errors.ts";
import { printable } from "../secret.ts";
import { dig } from "./dig.ts";
import type { VirtualMachine } from "./inventory.ts";
import type { NetworkInterface } from "./network_interface.ts";
import { parseResourceId, type ResourceId } from "./resource_id.ts";

/** What of a VM's description is used, by where it stands in it. */
export const VM_FIELDS = {
  os: "properties.storageProfile.osDisk.osType",
  interfaces: "properties.networkProfile.networkInterfaces",
} as const;

const VM = "microsoft.compute/virtualmachines";
const INSTANCE = "microsoft.compute/virtualmachinescalesets/virtualmachines";

/** The id's parts where it is a VM's or an instance's. */
export function parseMachineId(id: unknown): ResourceId | undefined {
  const parsed = typeof id === "string" ? parseResourceId(id) : undefined;
  const type = parsed?.type.toLowerCase();
  return type === VM || type === INSTANCE ? parsed : undefined;
}

/**
 * @param fields what stands at {@linkcode VM_FIELDS}, and its power state (`PowerState/running`)
 * @param interfaces its network interfaces, the primary one first
 */
export function describeMachine(
  { subscription, resourceGroup, names, id }: ResourceId,
  fields: { readonly os?: unknown; readonly power?: unknown },
  interfaces: readonly NetworkInterface[],
): VirtualMachine {
  const power = typeof fields.power === "string"
    ? /^PowerState\/([a-z]{1,40})$/i.exec(fields.power)?.[1]?.toLowerCase()
    : undefined;
  const os = typeof fields.os === "string" ? fields.os.toLowerCase() : undefined;
  const privateIp = interfaces[0]?.privateIp;
  return {
    id,
    name: names.join("/"),
    resourceGroup,
    subscription: subscription.toLowerCase(),
    networks: [...new Set(interfaces.flatMap(({ networks }) => networks))],
    ...(power === undefined ? {} : { power }),
    ...(os === "linux" || os === "windows" ? { os } : {}),
    ...(privateIp === undefined ? {} : { privateIp }),
  };
}

/** The same of a document with its instance view. */
export function describeViewed(
  id: ResourceId,
  document: unknown,
  interfaces: readonly NetworkInterface[],
): VirtualMachine {
  const os = dig(document, VM_FIELDS.os);
  const power = powerIn(dig(document, "properties.instanceView.statuses"));
  return describeMachine(id, { os, power }, interfaces);
}

/** The power state among an instance view's statuses. */
export function powerIn(statuses: unknown): unknown {
  const codes = Array.isArray(statuses) ? statuses.map((one) => dig(one, "code")) : [];
  return codes.find((code) => typeof code === "string" && /^PowerState\//i.test(code));
}

/** Ids of a VM's network interfaces, the primary one first. */
export function interfaceIds(references: unknown): string[] {
  const all: unknown[] = Array.isArray(references) ? references : [];
  const isPrimary = (one: unknown) => dig(one, "properties.primary") === true;
  return [...all.filter(isPrimary), ...all.filter((one) => !isPrimary(one))].flatMap((one) => {
    const id = dig(one, "id");
    const parsed = typeof id === "string" ? parseResourceId(id) : undefined;
    return parsed ? [parsed.id] : [];
  });
}

const DOWN: ReadonlySet<string> = new Set(["stopped", "stopping", "deallocated", "deallocating"]);

/** Whether the VM cannot be connected to. One that is starting, or does not tell, may be. */
export function isDown({ power }: Pick<VirtualMachine, "power">): boolean {
  return power !== undefined && DOWN.has(power);
}

/** @throws BastionError `vm-stopped` */
export function checkVirtualMachine(vm: VirtualMachine): void {
  if (vm.power === undefined || !isDown(vm)) return;
  throw bastionError("vm-stopped", {
    vm: printable(`${vm.resourceGroup}/${vm.name}`, 250),
    power: vm.power,
    command: startCommand(vm),
  });
}

/** For a shell, into which it may be pasted: names that would say more there are left to the user. */
function startCommand({ id, name, resourceGroup, subscription }: VirtualMachine): string {
  if (!/^[\p{L}\p{N}/_.()-]+$/u.test(id)) return "az vm start --ids ID";
  const [set, instance] = name.split("/");
  return instance === undefined
    ? `az vm start --ids "${id}"`
    : `az vmss start --subscription ${subscription} --resource-group "${resourceGroup}" ` +
      `--name "${set}" --instance-ids ${instance}`;
}
