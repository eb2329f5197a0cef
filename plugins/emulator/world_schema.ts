/** What may stand in the emulator's YAML file: the world that it pretends to be. */

import { z } from "zod";
import { faultSchema } from "./fault_schema.ts";
import { strictObject } from "./strict_object.ts";

/** Ids of what is there although no file names it; the same on every start, for scripts. */
export const defaults = {
  tenant: "0e0e0e0e-0000-4000-8000-000000000001",
  subscription: "0e0e0e0e-0000-4000-8000-000000000002",
  clientId: "0e0e0e0e-0000-4000-8000-000000000003",
} as const;

const guid = z.string().regex(
  /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i,
  "must be a GUID, as 0e0e0e0e-0000-4000-8000-000000000001",
);
const name = z.string().regex(
  /^[A-Za-z0-9]([\w.-]{0,78}\w)?$/,
  "must be 1–80 letters, digits, dots, hyphens and underscores",
);
const resourceGroup = z.string().regex(
  /^[\w.()-]{0,89}[\w()-]$/,
  "must be 1–90 letters, digits, dots, hyphens, underscores and parentheses",
);

/** What a port of a VM leads to. */
const portTarget = z.string('must be "host:port", ssh or echo').refine(
  (text) => text === "ssh" || text === "echo" || isAddress(text),
  'must be "host:port", ssh or echo',
);

function isAddress(text: string): boolean {
  const port = Number(/^(?:[\w.-]+|\[[\da-fA-F:]+\]):(\d{1,5})$/.exec(text)?.[1]);
  return port >= 1 && port <= 65535;
}

const bastionHost = strictObject({
  name,
  resourceGroup,
  subscription: guid.optional(),
  sku: z.enum(["Basic", "Standard", "Premium", "Developer"]).default("Standard"),
  /** As in Azure, off unless switched on. */
  enableTunneling: z.boolean().default(false),
  enableIpConnect: z.boolean().default(false),
  provisioningState: z.enum(["Succeeded", "Updating", "Deleting", "Failed"]).default("Succeeded"),
});

const virtualMachine = strictObject({
  name,
  resourceGroup,
  subscription: guid.optional(),
  privateIp: z.ipv4("must be an IPv4 address, as 10.0.0.4"),
  /** Remote port → where it really leads: "host:port", or the built-in servers `ssh`, `echo`. */
  ports: z.record(z.string(), portTarget).default({}),
});

const servicePrincipal = strictObject({
  tenant: guid.default(defaults.tenant),
  clientId: guid,
  /** One is made up where there is neither secret nor certificate. */
  clientSecret: z.string().min(1).optional(),
  /** PEM of the certificate whose key signs client assertions. */
  certificate: z.string().includes("-----BEGIN CERTIFICATE-----", {
    error: "must be a certificate as PEM text",
  }).optional(),
});

const subscription = strictObject({
  id: guid,
  name: z.string().min(1),
  tenant: guid.optional(),
});

export const worldSchema = strictObject({
  subscriptions: z.array(subscription).min(1).default([
    { id: defaults.subscription, name: "Emulator" },
  ]),
  servicePrincipals: z.array(servicePrincipal).min(1).default([
    { tenant: defaults.tenant, clientId: defaults.clientId },
  ]),
  bastionHosts: z.array(bastionHost).default([]),
  virtualMachines: z.array(virtualMachine).default([]),
  faults: z.array(faultSchema).default([]),
  /** Makes faults with a probability repeatable. */
  seed: z.int().optional(),
  /** Seconds that an access token lives. */
  accessTokenLifetime: z.int().min(1).max(86_400).default(3_599),
}).superRefine((world, ctx) => {
  const problem = (path: (string | number)[], message: string) =>
    ctx.addIssue({ code: "custom", path, message });
  const known = new Set(world.subscriptions.map(({ id }) => id.toLowerCase()));
  const seen = new Set<string>();
  for (const kind of ["bastionHosts", "virtualMachines"] as const) {
    for (const [i, resource] of world[kind].entries()) {
      const { subscription: id = world.subscriptions[0]?.id ?? "" } = resource;
      if (!known.has(id.toLowerCase())) {
        problem([kind, i, "subscription"], `there is no subscription ${id} in this file`);
      }
      const key = [kind, id, resource.resourceGroup, resource.name].join("/").toLowerCase();
      if (seen.has(key)) problem([kind, i, "name"], `${resource.name} is there twice`);
      seen.add(key);
    }
  }
  for (const [i, vm] of world.virtualMachines.entries()) {
    if (seen.has(vm.privateIp)) {
      problem([`virtualMachines`, i, "privateIp"], `${vm.privateIp} is there twice`);
    }
    seen.add(vm.privateIp);
    for (const port of Object.keys(vm.ports)) {
      if (!/^[1-9]\d{0,4}$/.test(port) || Number(port) > 65535) {
        problem(["virtualMachines", i, "ports", port], `${port} is no port; they are 1–65535`);
      }
    }
  }
  for (const [i, { host }] of world.faults.entries()) {
    if (host !== undefined && !world.bastionHosts.some((one) => one.name === host)) {
      problem(["faults", i, "host"], `there is no bastion host ${host} in this file`);
    }
  }
});

/** As a file has it, defaults left out. */
export type WorldInput = z.input<typeof worldSchema>;
/** Checked, with defaults filled in. */
export type WorldDescription = z.output<typeof worldSchema>;
