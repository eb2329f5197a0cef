/** The checks of the target and of the bastion host that leads there. */

import { type BastionHost, checkBastionHost } from "../azure/bastion_host.ts";
import { parseResourceId, type ResourceId } from "../azure/resource_id.ts";
import { parseMachineId } from "../azure/virtual_machine.ts";
import { printable } from "../secret.ts";
import { parseHostName, parseTargetWord } from "../target/grammar.ts";
import type { Target, TargetRequest } from "../target/target.ts";
import type { DoctorDoors } from "./doctor_doors.ts";
import type { Checked, Plan } from "./plan.ts";

export interface TargetChecks {
  readonly target: Checked<Target>;
  /** That the host can do what is wanted. */
  readonly host: Checked<BastionHost>;
}

export function addTargetChecks(
  plan: Plan,
  doors: DoctorDoors,
  request: TargetRequest,
  needs: readonly Checked<unknown>[],
): TargetChecks {
  const target = plan.add({
    name: "target",
    title: "Target",
    needs,
    async run(signal) {
      const value = await doors.resolve({ ...request, check: false, signal });
      return { found: [`${printable(value.label, 250)}.`, ...value.notes].join(" "), value };
    },
  });

  const host = plan.add({
    name: "bastion-host",
    title: "Bastion host",
    needs: [target],
    run() {
      const { bastionHost: value, hostname, port } = target.value();
      checkBastionHost(value, { byIpAddress: hostname !== undefined, port });
      return { found: describeHost(value), value };
    },
  });

  return { target, host };
}

export interface HostCheck {
  /** That the host is there, and can do what is wanted. */
  readonly found: Checked<BastionHost>;
  /** The host that is there, fit or not. */
  host(): BastionHost | undefined;
}

/** The check of a host that is named without a target. */
export function addHostCheck(
  plan: Plan,
  doors: DoctorDoors,
  request: TargetRequest,
  needs: readonly Checked<unknown>[],
): HostCheck {
  const { port = request.defaultPort ?? 22 } = request;
  let host: BastionHost | undefined;
  const found = plan.add({
    name: "bastion-host",
    title: "Bastion host",
    needs,
    async run(signal) {
      const value = host = await doors.findHost({ ...request, signal });
      checkBastionHost(value, { byIpAddress: false, port });
      return { found: describeHost(value), value };
    },
  });
  return { found, host: () => host };
}

function describeHost(host: BastionHost): string {
  const features = host.sku.toLowerCase() === "developer"
    ? "native client on 22 and 3389"
    : `native client ${host.enableTunneling ? "on" : "off"}, ` +
      `IP connect ${host.enableIpConnect ? "on" : "off"}`;
  return `${printable(`${host.resourceGroup}/${host.name}`, 180)}: ${
    printable(host.sku, 40)
  }, ${features}, ${host.provisioningState}`;
}

/** What the request says without anything being read; where it is by name, that is nothing. */
export interface NamedIds {
  readonly machine?: ResourceId;
  readonly host?: ResourceId;
}

/** @throws BastionError `usage` for what cannot be meant */
export function namedIds(request: TargetRequest, subscription: string | undefined): NamedIds {
  const { word, resourceId, bastionHost, resourceGroup } = request;
  const parsed = word === undefined ? undefined : parseTargetWord(word);
  const id = resourceId ?? (parsed?.kind === "id" ? parsed.id.id : undefined);
  const machine = parseMachineId(id);
  const named = bastionHost === undefined ? undefined : parseHostName(bastionHost, resourceGroup);
  const scope = subscription ?? machine?.subscription;
  const host = named?.id ??
    (named?.group === undefined || scope === undefined
      ? undefined
      : parseResourceId(hostId(scope, named.group, named.name)));
  return { ...(machine ? { machine } : {}), ...(host ? { host } : {}) };
}

function hostId(subscription: string, group: string, name: string): string {
  return `/subscriptions/${subscription}/resourceGroups/${group}` +
    `/providers/Microsoft.Network/bastionHosts/${name}`;
}
