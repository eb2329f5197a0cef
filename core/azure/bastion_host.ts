/** A bastion host as Resource Manager describes it. */

import { bastionError } from "../errors.ts";
import { printable } from "../secret.ts";
import type { ArmClient } from "./arm_client.ts";
import { readBastionHost } from "./read_bastion_host.ts";

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

export const BASTION_API_VERSION = "2024-01-01";

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
  const document = await arm.get(id, BASTION_API_VERSION, `bastion host ${label}`, signal);
  if (document === undefined) {
    throw bastionError("host-not-found", { host: label, subscription });
  }
  const tenant = arm.tenantOf(subscription);
  return readBastionHost(document, { ...where, id, ...(tenant === undefined ? {} : { tenant }) });
}

/**
 * Whether the host can do what is wanted.
 * @throws BastionError `host-…`
 */
export function checkBastionHost(
  host: BastionHost,
  wanted: { readonly byIpAddress: boolean; readonly port: number },
): void {
  const label = printable(`${host.resourceGroup}/${host.name}`, 180);
  const sku = host.sku.toLowerCase();
  if (!["standard", "premium", "developer"].includes(sku)) {
    throw bastionError("host-sku", { host: label, sku: host.sku });
  }
  if (host.provisioningState.toLowerCase() !== "succeeded") {
    throw bastionError("host-provisioning", { host: label, state: host.provisioningState });
  }
  const custom = wanted.port !== 22 && wanted.port !== 3389;
  // The free SKU always serves native clients, and has no feature that could be switched on.
  if (sku === "developer") {
    if (wanted.byIpAddress || custom) {
      throw bastionError("host-sku-limit", {
        host: label,
        sku: host.sku,
        what: wanted.byIpAddress ? "connect by IP address" : `reach port ${wanted.port}`,
        remedy: wanted.byIpAddress
          ? "Name the VM, or use --target-resource-id; or upgrade the host to Standard."
          : "It knows only 22 and 3389: forward through SSH (ssh -L), or upgrade the host to Standard.",
      });
    }
    return;
  }
  if (!host.enableTunneling) {
    throw bastionError("host-tunneling-off", { host: label });
  }
  if (!wanted.byIpAddress) return;
  if (!host.enableIpConnect) throw bastionError("host-ip-connect-off", { host: label });
  if (custom) throw bastionError("host-ip-connect-port", { port: wanted.port });
}
