/** A network interface as Resource Manager describes it. Pure. */

import { dig } from "./dig.ts";
import { networkId } from "./network_id.ts";

export interface NetworkInterface {
  /** Its first private IPv4 address; the primary configuration's where one is marked. */
  readonly privateIp?: string;
  /** The VNets that it is in, in lower case: one, as a rule. */
  readonly networks: readonly string[];
}

const IPV4 = /^(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)(?:\.(?!$)|$)){4}$/;

/** @param configurations its `properties.ipConfigurations` */
export function readNetworkInterface(configurations: unknown): NetworkInterface {
  const all: unknown[] = Array.isArray(configurations) ? configurations : [];
  const primaryFirst = [
    ...all.filter((one) => dig(one, "properties.primary") === true),
    ...all.filter((one) => dig(one, "properties.primary") !== true),
  ];
  const privateIp = primaryFirst.map((one) => dig(one, "properties.privateIPAddress"))
    .find((address) => typeof address === "string" && IPV4.test(address));
  const networks = all.map((one) => networkId(dig(one, "properties.subnet.id")))
    .filter((id) => id !== undefined);
  return {
    networks: [...new Set(networks)],
    ...(typeof privateIp === "string" ? { privateIp } : {}),
  };
}
