/** Finds tenants, users and apps, and tells whether they may sign in. */

import { type EntraRefusal, entraRefusal } from "./entra_refusal.ts";
import type { Principal, ServicePrincipal, Tenant, User } from "./identities.ts";
import { sameName } from "./resource_id.ts";
import type { World } from "./world.ts";

/** The tenant that an address names; `any` where the account decides. */
export type Authority = Tenant | "any";

export interface Directory {
  /** @param segment of the address: an id, a domain, `common`, `organizations`, `adfs` */
  findAuthority(segment: string): Authority | undefined;
  findUser(userPrincipalName: string): User | undefined;
  /** The app, if it is known in the tenant. */
  findApp(clientId: string, authority: Authority): ServicePrincipal | undefined;
  /** Why users cannot sign in by this app; undefined where they can. */
  clientProblem(clientId: string, authority: Authority): EntraRefusal | undefined;
  /** The tenant that signs the user in, or why none does. */
  tenantOf(user: User, authority: Authority): string | EntraRefusal;
  /** Whom a browser or a device code is approved as, without asking. */
  autoApproved(authority: Authority, loginHint?: string): User | undefined;
  /** The user, if the password is right. */
  checkPassword(userPrincipalName: string, password: string): User | EntraRefusal;
}

const ANY = ["common", "organizations", "adfs"];

export function createDirectory(world: World): Directory {
  const isIn = ({ tenant, otherTenants }: Principal, authority: Authority) =>
    authority === "any" || tenant === authority.id || otherTenants.includes(authority.id);

  function findUser(name: string): User | undefined {
    return world.users.find((user) => sameName(user.userPrincipalName, name));
  }

  function findApp(clientId: string, authority: Authority): ServicePrincipal | undefined {
    return world.servicePrincipals.find((one) =>
      sameName(one.clientId, clientId) && isIn(one, authority)
    );
  }

  return {
    findAuthority(segment) {
      const name = segment.toLowerCase();
      if (ANY.includes(name)) return "any";
      return world.tenants.find(({ id, domains }) => id === name || domains.includes(name));
    },
    findUser,
    findApp,
    clientProblem(clientId, authority) {
      const isKnown = world.publicClients.some((id) => sameName(id, clientId)) ||
        findApp(clientId, authority) !== undefined;
      return isKnown ? undefined : unknownApp(clientId, authority);
    },
    tenantOf(user, authority) {
      if (authority === "any") return user.tenant;
      if (isIn(user, authority)) return authority.id;
      return entraRefusal(
        "invalid_grant",
        `AADSTS50020: User account '${user.userPrincipalName}' does not exist in tenant '${authority.name}' and cannot access the application in that tenant. The account needs to be added as an external user in the tenant first.`,
      );
    },
    autoApproved: (authority, loginHint) =>
      world.users.find((user) =>
        user.autoApprove && isIn(user, authority) &&
        (!loginHint || sameName(user.userPrincipalName, loginHint))
      ),
    checkPassword(name, password) {
      const user = findUser(name);
      if (user && user.password !== undefined && user.password === password) {
        return disabledProblem(user) ?? user;
      }
      return entraRefusal(
        "invalid_grant",
        "AADSTS50126: Error validating credentials due to invalid username or password.",
      );
    },
  };
}

export function unknownApp(clientId: string, authority: Authority): EntraRefusal {
  const where = authority === "any" ? "common" : authority.id;
  return entraRefusal(
    "unauthorized_client",
    `AADSTS700016: Application with identifier '${clientId}' was not found in the directory '${where}'.`,
  );
}

export function disabledProblem(user: User): EntraRefusal | undefined {
  return user.disabled
    ? entraRefusal("invalid_grant", "AADSTS50057: The user account is disabled.")
    : undefined;
}

/** More than a password is wanted. */
export function interactionRequired(error: string): EntraRefusal {
  return {
    status: 400,
    error,
    description:
      "AADSTS50076: Due to a configuration change made by your administrator, or because you moved to a new location, you must use multi-factor authentication to access the resource.",
    suberror: "basic_action",
    claims: JSON.stringify({ access_token: { acrs: { essential: true, value: "c1" } } }),
  };
}
