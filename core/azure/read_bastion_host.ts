/** Reads what Resource Manager says of a bastion host. Pure. */

import { bastionError } from "../errors.ts";
import { isRecord } from "../record.ts";
import { printable } from "../secret.ts";
import type { BastionHost } from "./bastion_host.ts";
import { dig } from "./dig.ts";
import { networkId } from "./network_id.ts";

/**
 * What is missing is off, as the service has it.
 * @throws BastionError `arm-unreadable`, `host-provisioning`, `host-address-invalid`
 */
export function readBastionHost(
  document: unknown,
  where: Pick<BastionHost, "id" | "subscription" | "resourceGroup" | "name" | "tenant">,
): BastionHost {
  const label = printable(`${where.resourceGroup}/${where.name}`, 180);
  const unreadable = (problem: string) =>
    bastionError("arm-unreadable", { resource: `bastion host ${label}`, problem });
  if (!isRecord(document)) throw unreadable("it is no object");
  const { properties } = document;
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
  const sku = dig(document, "sku.name");
  const network = networkOf(properties);
  return {
    ...where,
    sku: typeof sku === "string" ? printable(sku, 40) : "Basic",
    endpoint: dnsName.toLowerCase(),
    enableTunneling: properties["enableTunneling"] === true,
    enableIpConnect: properties["enableIpConnect"] === true,
    provisioningState: state ?? "Succeeded",
    ...(network === undefined ? {} : { network }),
  };
}

/** The Developer SKU has no subnet of its own, and names the VNet. */
function networkOf(properties: Record<string, unknown>): string | undefined {
  const { ipConfigurations } = properties;
  const first: unknown = Array.isArray(ipConfigurations) ? ipConfigurations[0] : undefined;
  return networkId(dig(first, "properties.subnet.id")) ??
    networkId(dig(properties, "virtualNetwork.id"));
}

/** The token goes to this host: it must be a bare name, with a port at most. */
function problemOfEndpoint(dnsName: unknown): string | undefined {
  if (typeof dnsName !== "string" || dnsName === "") return "it has no dnsName";
  return isBareHost(dnsName)
    ? undefined
    : `its dnsName is ${printable(JSON.stringify(dnsName), 80)}`;
}

/** Whether a URL's host could be nothing but this: a host name, with a port where it is not 443. */
export function isBareHost(text: string): boolean {
  return /^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?(:\d{1,5})?$/i.test(text) &&
    URL.canParse(`https://${text}`);
}
