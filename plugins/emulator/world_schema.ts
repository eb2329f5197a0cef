/** What may stand in the emulator's YAML file: the world that it pretends to be. */

import { z } from "zod";
import { checkReferences } from "./check_references.ts";
import { faultSchema } from "./fault_schema.ts";
import {
  managedIdentity,
  roleAssignment,
  servicePrincipal,
  tenant,
  user,
} from "./identity_schema.ts";
import { bastionHost, scaleSet, virtualMachine, virtualNetwork } from "./resource_schema.ts";
import { guid } from "./schema_fields.ts";
import { strictObject } from "./strict_object.ts";

/** Ids of what is there although no file names it; the same on every start, for scripts. */
export const defaults = {
  tenant: "0e0e0e0e-0000-4000-8000-000000000001",
  subscription: "0e0e0e0e-0000-4000-8000-000000000002",
  clientId: "0e0e0e0e-0000-4000-8000-000000000003",
  /** The Azure CLI's, which every tenant knows. */
  publicClient: "04b07795-8ddb-461a-bbee-02f9e1bf7b46",
} as const;

const subscription = strictObject({
  id: guid,
  name: z.string().min(1),
  tenant: guid.optional(),
  state: z.enum(["Enabled", "Warned", "PastDue", "Disabled", "Deleted"]).default("Enabled"),
});

export const worldSchema = strictObject({
  /** Names and domains of tenants; those that are named elsewhere in the file are there anyway. */
  tenants: z.array(tenant).default([]),
  subscriptions: z.array(subscription).min(1).default([
    { id: defaults.subscription, name: "Emulator", state: "Enabled" },
  ]),
  servicePrincipals: z.array(servicePrincipal(defaults.tenant)).min(1).default([{
    tenant: defaults.tenant,
    clientId: defaults.clientId,
    otherTenants: [],
    federatedCredentials: [],
  }]),
  users: z.array(user).default([]),
  /** Apps that users may sign in by, besides the Azure CLI. */
  publicClients: z.array(guid).default([]),
  managedIdentities: z.array(managedIdentity).default([]),
  /** Where it is left out, everyone may read everything. */
  roles: z.array(roleAssignment).optional(),
  /** Roles that could be activated (Privileged Identity Management). */
  eligibleRoles: z.array(roleAssignment).default([]),
  virtualNetworks: z.array(virtualNetwork).default([]),
  bastionHosts: z.array(bastionHost).default([]),
  virtualMachines: z.array(virtualMachine).default([]),
  scaleSets: z.array(scaleSet).default([]),
  faults: z.array(faultSchema).default([]),
  /** Makes faults with a probability repeatable. */
  seed: z.int().optional(),
  /** Seconds that an access token lives. */
  accessTokenLifetime: z.int().min(1).max(86_400).default(3_599),
  /** Seconds that an SSH certificate is good for; with 0 it has ended when it comes. */
  sshCertificateLifetime: z.int().min(0).max(86_400).default(3_600),
  /** Seconds by which Azure's clock is ahead of this computer's; less than 0: behind. */
  clockOffset: z.int().min(-86_400).max(86_400).default(0),
  /** Items on a page of Resource Manager's lists and of Resource Graph's answers. */
  pageSize: z.int().min(1).max(1_000).default(100),
}).superRefine((world, ctx) => {
  checkReferences(world, (path, message) => ctx.addIssue({ code: "custom", path, message }));
});

/** As a file has it, defaults left out. */
export type WorldInput = z.input<typeof worldSchema>;
/** Checked, with defaults filled in. */
export type WorldDescription = z.output<typeof worldSchema>;
