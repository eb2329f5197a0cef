/** Who there is in the pretended Entra: tenants, users, apps, and their roles. */

import { createHash } from "node:crypto";
import { randomSecret } from "./random_secret.ts";
import { sameName } from "./resource_id.ts";
import { type RoleDefinition, roleDefinitions } from "./role_definition.ts";
import { defaults, type WorldDescription } from "./world_schema.ts";

export interface Tenant {
  readonly id: string;
  readonly name: string;
  /** Domains that stand for the id. */
  readonly domains: readonly string[];
}

/** Who a token is about. */
export interface Principal {
  /** What errors call it: a user's principal name, an app's client id. */
  readonly name: string;
  readonly objectId: string;
  readonly tenant: string;
  readonly otherTenants: readonly string[];
  readonly kind: "user" | "app";
}

export interface User extends Principal {
  readonly kind: "user";
  readonly userPrincipalName: string;
  readonly password?: string;
  readonly groups: number;
  /** These may change while the emulator runs. */
  autoApprove: boolean;
  interactionRequired: boolean;
  disabled: boolean;
  /** Refresh tokens of an earlier generation are good for nothing. */
  generation: number;
}

export type FederatedCredential = NonNullable<
  WorldDescription["servicePrincipals"][number]["federatedCredentials"]
>[number];

export interface ServicePrincipal extends Principal {
  readonly kind: "app";
  readonly clientId: string;
  readonly clientSecret?: string;
  /** PEM. */
  readonly certificate?: string;
  readonly federatedCredentials: readonly FederatedCredential[];
  /** May change while the emulator runs. */
  disabled: boolean;
}

export interface ManagedIdentity extends Principal {
  readonly kind: "app";
  readonly clientId: string;
  /** Of one that is user-assigned. */
  readonly resourceId?: string;
}

export interface RoleAssignment {
  /** A GUID, the assignment's name. */
  readonly id: string;
  readonly principal: Principal;
  readonly role: RoleDefinition;
  /** Without a slash at its end. */
  readonly scope: string;
}

export interface Identities {
  /** Of what names no tenant. */
  readonly homeTenant: string;
  readonly tenants: readonly Tenant[];
  readonly servicePrincipals: readonly ServicePrincipal[];
  readonly users: readonly User[];
  readonly publicClients: readonly string[];
  readonly managedIdentities: readonly ManagedIdentity[];
  /** Undefined: everyone may read everything. */
  readonly roles?: readonly RoleAssignment[];
  readonly eligibleRoles: readonly RoleAssignment[];
}

export function createIdentities(description: WorldDescription): Identities {
  const homeTenant = (description.servicePrincipals[0]?.tenant ?? defaults.tenant).toLowerCase();
  const users = description.users.map((one): User => ({
    kind: "user",
    name: one.userPrincipalName,
    userPrincipalName: one.userPrincipalName,
    ...(one.password === undefined ? {} : { password: one.password }),
    objectId: one.objectId ?? derivedGuid("user", one.userPrincipalName),
    tenant: one.tenant?.toLowerCase() ?? homeTenant,
    otherTenants: one.otherTenants.map((id) => id.toLowerCase()),
    groups: one.groups,
    autoApprove: one.autoApprove,
    interactionRequired: one.interactionRequired,
    disabled: one.disabled,
    generation: 0,
  }));
  const servicePrincipals = description.servicePrincipals.map((one): ServicePrincipal => {
    const hasProof = one.certificate !== undefined || one.federatedCredentials.length > 0;
    const secret = one.clientSecret ?? (hasProof ? undefined : randomSecret());
    return {
      kind: "app",
      name: one.clientId,
      clientId: one.clientId,
      objectId: one.objectId ?? derivedGuid("app", one.clientId),
      tenant: one.tenant.toLowerCase(),
      otherTenants: one.otherTenants.map((id) => id.toLowerCase()),
      ...(secret === undefined ? {} : { clientSecret: secret }),
      ...(one.certificate === undefined ? {} : { certificate: one.certificate }),
      federatedCredentials: one.federatedCredentials,
      disabled: false,
    };
  });
  const managedIdentities = description.managedIdentities.map((one): ManagedIdentity => ({
    kind: "app",
    name: one.clientId,
    clientId: one.clientId,
    objectId: one.objectId ?? derivedGuid("identity", one.clientId),
    tenant: one.tenant?.toLowerCase() ?? homeTenant,
    otherTenants: [],
    ...(one.resourceId === undefined ? {} : { resourceId: one.resourceId }),
  }));
  const principals = [...users, ...servicePrincipals, ...managedIdentities];
  const assignments = (kind: string, list: NonNullable<WorldDescription["roles"]>) =>
    list.flatMap(({ principal: wanted, role: roleName, scope }): RoleAssignment[] => {
      const role = roleDefinitions.find(({ name }) => name === roleName);
      const principal = principals.find((one) =>
        sameName(one.name, wanted) || sameName(one.objectId, wanted)
      );
      if (!role || !principal) return [];
      const id = derivedGuid(kind, principal.objectId, roleName, scope);
      return [{ id, principal, role, scope: scope.replace(/\/+$/, "") }];
    });
  return {
    homeTenant,
    tenants: createTenants(description, homeTenant, principals),
    servicePrincipals,
    users,
    publicClients: [defaults.publicClient, ...description.publicClients],
    managedIdentities,
    ...(description.roles ? { roles: assignments("role", description.roles) } : {}),
    eligibleRoles: assignments("eligible", description.eligibleRoles),
  };
}

function createTenants(
  { tenants, subscriptions }: WorldDescription,
  homeTenant: string,
  principals: readonly Principal[],
): Tenant[] {
  const ids = new Set([
    homeTenant,
    ...tenants.map(({ id }) => id.toLowerCase()),
    ...principals.flatMap(({ tenant, otherTenants }) => [tenant, ...otherTenants]),
    ...subscriptions.flatMap(({ tenant }) => tenant?.toLowerCase() ?? []),
  ]);
  return [...ids].map((id): Tenant => {
    const described = tenants.find((one) => sameName(one.id, id));
    const domains = principals.flatMap((one) =>
      one.kind === "user" && one.tenant === id ? [one.name.replace(/^.*@/, "").toLowerCase()] : []
    );
    return {
      id,
      name: described?.name ?? "Emulator",
      domains: [...new Set([described?.domain?.toLowerCase() ?? [], domains].flat())],
    };
  });
}

/** The same on every start, so that scripts may write it down. */
function derivedGuid(...parts: readonly string[]): string {
  const hex = createHash("sha256").update(parts.join("\0").toLowerCase()).digest("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${
    hex.slice(20, 32)
  }`;
}
