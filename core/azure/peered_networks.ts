import type { ArmClient } from "./arm_client.ts";
import { dig } from "./dig.ts";
import { NETWORK_API_VERSION } from "./list_virtual_machines.ts";
import { networkId } from "./network_id.ts";

/**
 * Ids of the VNets that are peered and connected with `network`; none where there is no such VNet.
 * @throws BastionError `arm-…`
 */
export async function peeredNetworks(
  arm: ArmClient,
  network: string,
  signal: AbortSignal,
): Promise<string[]> {
  const id = networkId(network);
  if (id === undefined) return [];
  const what = `VNet ${id.split("/").at(-1)}`;
  const document = await arm.get(id, NETWORK_API_VERSION, what, signal);
  const peerings = dig(document, "properties.virtualNetworkPeerings");
  if (!Array.isArray(peerings)) return [];
  const found = peerings.flatMap((peering) => {
    const remote = networkId(dig(peering, "properties.remoteVirtualNetwork.id"));
    const state = dig(peering, "properties.peeringState");
    const connected = typeof state === "string" && state.toLowerCase() === "connected";
    return remote !== undefined && connected ? [remote] : [];
  });
  return [...new Set(found)];
}
