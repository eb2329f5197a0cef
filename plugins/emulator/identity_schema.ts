/** Who may sign in, and to what: users, service principals, managed identities, roles. */

import { z } from "zod";
import { guid } from "./schema_fields.ts";
import { strictObject } from "./strict_object.ts";
import { roleNames } from "./role_definition.ts";

/** A user or an app is known in its own tenant, and where it is a guest. */
const otherTenants = z.array(guid).default([]);

export const user = strictObject({
  userPrincipalName: z.string().regex(/^[^@\s]+@[\w.-]+$/, "must be as ada@emulator.test"),
  /** Without one, the user signs in by `autoApprove` or a control only. */
  password: z.string().min(1).optional(),
  tenant: guid.optional(),
  objectId: guid.optional(),
  otherTenants,
  /** Groups that the user is in. About 150 make a token that the data plane refuses; of more than 200 a token tells only that they are too many. */
  groups: z.int().min(0).max(10_000).default(0),
  /** The browser and the device code are approved as this user, and nobody is asked. */
  autoApprove: z.boolean().default(false),
  /** A password alone is not enough (AADSTS50076). */
  interactionRequired: z.boolean().default(false),
  /** Nobody signs in as this user (AADSTS50057). */
  disabled: z.boolean().default(false),
});

const federatedCredential = z.union([
  strictObject({
    /** The emulator's own issuers, which stand in for the two services. */
    issuer: z.enum(["github", "azure-pipelines"]),
    subject: z.string().min(1),
    audience: z.string().min(1).default("api://AzureADTokenExchange"),
  }),
  strictObject({
    issuer: z.url("must be github, azure-pipelines or the address of an issuer"),
    subject: z.string().min(1),
    audience: z.string().min(1).default("api://AzureADTokenExchange"),
    /** The issuer's public RSA key. */
    key: z.looseObject({ kty: z.literal("RSA"), n: z.string(), e: z.string() }),
  }),
], { error: "must be of github, azure-pipelines, or an issuer's address with its key (a JWK)" });

/** @param tenant of those that name none */
export const servicePrincipal = (tenant: string) =>
  strictObject({
    tenant: guid.default(tenant),
    clientId: guid,
    objectId: guid.optional(),
    otherTenants,
    /** One is made up where there is neither secret, certificate nor federated credential. */
    clientSecret: z.string().min(1).optional(),
    /** PEM of the certificate whose key signs client assertions. */
    certificate: z.string().includes("-----BEGIN CERTIFICATE-----", {
      error: "must be a certificate as PEM text",
    }).optional(),
    federatedCredentials: z.array(federatedCredential).default([]),
  });

export const managedIdentity = strictObject({
  clientId: guid,
  objectId: guid.optional(),
  tenant: guid.optional(),
  /** A user-assigned identity has one; the system-assigned one has none. */
  resourceId: z.string().startsWith("/subscriptions/").optional(),
});

export const roleAssignment = strictObject({
  /** A user's principal name, a client id or an object id. */
  principal: z.string().min(1),
  role: z.enum(roleNames).default("Reader"),
  /** Id of a subscription, a resource group or a resource. */
  scope: z.string().regex(/^\/subscriptions\/[^/]+/, "must be an id, as /subscriptions/…"),
});

export const tenant = strictObject({
  id: guid,
  name: z.string().min(1).default("Emulator"),
  /** Stands for the id in addresses. */
  domain: z.string().regex(/^[\w-]+(\.[\w-]+)+$/, "must be a domain, as emulator.test").optional(),
});
