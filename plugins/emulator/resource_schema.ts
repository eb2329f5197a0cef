/** What may stand in the emulator's file under bastionHosts, virtualMachines, scaleSets and virtualNetworks. */

import { z } from "zod";
import { networkReference, placed, resourceName } from "./schema_fields.ts";
import { strictObject } from "./strict_object.ts";

const PORT_TARGET = 'must be "host:port", ssh, echo or filtered';
/** What a port of a VM leads to. */
const portTarget = z.string(PORT_TARGET).refine(
  (text) => ["ssh", "echo", "filtered"].includes(text) || isAddress(text),
  PORT_TARGET,
);

function isAddress(text: string): boolean {
  const port = Number(/^(?:[\w.-]+|\[[\da-fA-F:]+\]):(\d{1,5})$/.exec(text)?.[1]);
  return port >= 1 && port <= 65535;
}

export const powerState = z.enum([
  "running",
  "starting",
  "stopping",
  "stopped",
  "deallocating",
  "deallocated",
]);
export type PowerState = z.output<typeof powerState>;

export const bastionHost = strictObject({
  ...placed,
  sku: z.enum(["Basic", "Standard", "Premium", "Developer"]).default("Standard"),
  /** As in Azure, off unless switched on. */
  enableTunneling: z.boolean().default(false),
  enableIpConnect: z.boolean().default(false),
  provisioningState: z.enum(["Succeeded", "Updating", "Deleting", "Failed"]).default("Succeeded"),
  network: networkReference.optional(),
});

/** What a VM and an instance of a scale set have in common. */
const machine = {
  privateIp: z.ipv4("must be an IPv4 address, as 10.0.0.4"),
  /**
   * Remote port → where it really leads: "host:port", or the built-in servers `ssh`, `echo`, or
   * nowhere: `filtered` swallows what comes. A port that is not there is closed.
   */
  ports: z.record(z.string(), portTarget).default({}),
  powerState: powerState.default("running"),
};
/** Windows where there is a port 3389, and no word of it. */
const os = z.enum(["linux", "windows"]).optional();

export const virtualMachine = strictObject({
  ...placed,
  ...machine,
  os,
  network: networkReference.optional(),
});

export const scaleSet = strictObject({
  ...placed,
  os,
  network: networkReference.optional(),
  instances: z.array(strictObject({
    /** Counted from 0 where it is left out. */
    id: z.string().regex(/^\d{1,9}$/, "must be a number in quotes, as '0'").optional(),
    ...machine,
  })).default([]),
});

const cidr = z.cidrv4("must be an address range, as 10.1.0.0/16");

export const virtualNetwork = strictObject({
  ...placed,
  addressPrefixes: z.array(cidr).min(1).default(["10.0.0.0/8"]),
  /** Each leads one way: the other network has a peering of its own. */
  peerings: z.array(strictObject({
    name: resourceName.optional(),
    /** The other VNet; it need not be in this file if it is named by its id. */
    network: networkReference,
    state: z.enum(["Connected", "Initiated", "Disconnected"]).default("Connected"),
  })).default([]),
});
