/** A bastion host as Resource Manager describes it. */

import { bastionError } from "../errors.ts";
import { printable } from "../secret.ts";
import { isRecord } from "../record.ts";
import type { ArmClient } from "./arm_client.ts";

export interface BastionHost {
  readonly id: string;
  readonly name: string;
  readonly resourceGroup: string;
  readonly subscription: string;
  readonly sku: string;
  /** Host name of the data plane, with a port where it is not 443. Checked: nothing else is in it. */
  readonly endpoint: string;
  readonly enableTunneling: boolean;
  readonly enableIpConnect: boolean;
  readonly provisioningState: string;
  /** Id of the VNet that it stands in, in lower case, where it is told. */
  readonly network?: string;
  /** The tenant of its subscription, where it is not the credential's own. */
  readonly tenant?: string;
}

const API_VERSION = "2024-01-01";

/**
 * @throws BastionError `host-not-found`, `host-address-invalid`, `arm-…`
 */
export async function getBastionHost(
  arm: ArmClient,
  where: { readonly subscription: string; readonly resourceGroup: string; readonly name: string },
  signal?: AbortSignal,
): Promise<BastionHost> {
  const { subscription, resourceGroup, name } = where;
  const label = `${resourceGroup}/${name}`;
  const id = `/subscriptions/${subscription}/resourceGroups/${resourceGroup}` +
    `/providers/Microsoft.Network/bastionHosts/${name}`;
  const document = await arm.get(id, API_VERSION, `bastion host ${label}`, signal);
  if (document === undefined) {
    throw bastionError("host-not-found", { host: label, subscription });
  }
  return readBastionHost(document, { ...where, id });
}

/** Reads what Resource Manager sent; what is missing is off, as the service has it. */
function readBastionHost(
  document: unknown,
  where: { id: string; subscription: string; resourceGroup: string; name: string },
): BastionHost {
  const label = `${where.resourceGroup}/${where.name}`;
  const unreadable = (problem: string) =>
    bastionError("arm-unreadable", { resource: `bastion host ${label}`, problem });
  if (!isRecord(document)) throw unreadable("it is no object");
  const { sku, properties } = document;
  if (!isRecord(properties)) throw unreadable("it has no properties");
  const { dnsName, provisioningState } = properties;
  const state = typeof provisioningState === "string"
    ? printable(provisioningState, 40)
    : undefined;
  // One that is still being made has no address yet.
  if (dnsName === undefined && state !== undefined && state !== "Succeeded") {
    throw bastionError("host-provisioning", { host: label, state });
  }
  const problem = problemOfEndpoint(dnsName);
  if (typeof dnsName !== "string" || problem) {
    throw bastionError("host-address-invalid", { host: label, problem: problem ?? "" });
  }
  const skuName = isRecord(sku) && typeof sku["name"] === "string" ? sku["name"] : "Basic";
  return {
    ...where,
    sku: printable(skuName, 40),
    endpoint: dnsName.toLowerCase(),
    enableTunneling: properties["enableTunneling"] === true,
    enableIpConnect: properties["enableIpConnect"] === true,
    provisioningState: state ?? "Succeeded",
  };
}

/** The token goes to this host: it must be a bare name, with a port at most. */
function problemOfEndpoint(dnsName: unknown): string | undefined {
  if (typeof dnsName !== "string" || dnsName === "") return "it has no dnsName";
  if (!/^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?(:\d{1,5})?$/i.test(dnsName)) {
    return `its dnsName is ${printable(JSON.stringify(dnsName), 80)}`;
  }
  const url = URL.parse(`https://${dnsName}`);
  return url ? undefined : "its dnsName is no host name";
}

/**
 * Whether the host can do what is wanted.
 * @throws BastionError `host-…`
 */
export function checkBastionHost(
  host: BastionHost,
  wanted: { readonly byIpAddress: boolean; readonly port: number },
): void {
  const label = `${host.resourceGroup}/${host.name}`;
  const sku = host.sku.toLowerCase();
  if (sku !== "standard" && sku !== "premium") {
    throw bastionError("host-sku", { host: label, sku: host.sku });
  }
  if (host.provisioningState.toLowerCase() !== "succeeded") {
    throw bastionError("host-provisioning", { host: label, state: host.provisioningState });
  }
  if (!host.enableTunneling) {
    throw bastionError("host-tunneling-off", { host: label });
  }
  if (!wanted.byIpAddress) return;
  if (!host.enableIpConnect) throw bastionError("host-ip-connect-off", { host: label });
  if (wanted.port !== 22 && wanted.port !== 3389) {
    throw bastionError("host-ip-connect-port", { port: wanted.port });
  }
}
