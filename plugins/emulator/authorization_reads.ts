/** Microsoft.Authorization: permissions, role assignments, and roles that could be activated. */

import { type Access, isWithin } from "./access.ts";
import type { TokenHolder } from "./access_tokens.ts";
import { type ArmAnswer, authorizationFailed, notFound } from "./arm_answer.ts";
import { armPage } from "./arm_page.ts";
import type { RoleAssignment } from "./identities.ts";
import { sameName } from "./resource_id.ts";
import { type RoleDefinition, roleDefinitions } from "./role_definition.ts";
import type { World } from "./world.ts";

const PATH =
  /^(.*?)\/providers\/Microsoft\.Authorization\/(permissions|roleAssignments|roleEligibilityScheduleInstances|roleDefinitions)(?:\/([^/]+))?\/?$/i;

export interface AuthorizationReadOptions {
  readonly world: World;
  readonly access: Access;
  readonly endpoint: string;
  readonly pageSize: number;
}

export function isAuthorizationPath(path: string): boolean {
  return PATH.test(path);
}

export function createAuthorizationReads(options: AuthorizationReadOptions) {
  const { world, access } = options;
  const paging = { endpoint: options.endpoint, size: options.pageSize };

  function read(url: URL, holder: TokenHolder): ArmAnswer {
    const [, scope = "", kind = "", name] = PATH.exec(url.pathname) ?? [];
    const what = kind.toLowerCase();
    if (what === "roledefinitions") return readDefinitions(url, name);
    if (name !== undefined) return notFound("NotFound", "The emulator has only lists of these.");
    if (what === "permissions") {
      const permissions = access.permissionsAt(holder, scope).map((one) => ({
        ...one,
        notActions: [],
        notDataActions: [],
      }));
      return armPage(permissions, url, paging);
    }
    const filter = url.searchParams.get("$filter") ?? "";
    if (what === "roleassignments") {
      const action = "Microsoft.Authorization/roleAssignments/read";
      if (!access.may(holder, action, scope)) return authorizationFailed(holder, action, scope);
      const found = select(world.roles ?? [], scope, filter, holder);
      return found ? armPage(found.map(describeAssignment), url, paging) : badFilter(filter);
    }
    const found = select(world.eligibleRoles, scope, filter, holder);
    if (!found) return badFilter(filter);
    const own = found.filter(({ principal }) => sameName(principal.objectId, holder.objectId));
    return armPage(own.map(describeEligibility), url, paging);
  }

  function readDefinitions(url: URL, name: string | undefined): ArmAnswer {
    if (name === undefined) return armPage(roleDefinitions.map(describeDefinition), url, paging);
    const one = roleDefinitions.find(({ id }) => sameName(id, name));
    return one
      ? { body: describeDefinition(one) }
      : notFound("RoleDefinitionDoesNotExist", `The role definition '${name}' does not exist.`);
  }

  return { read };
}

/** Undefined where the filter is none that the service knows. */
function select(
  all: readonly RoleAssignment[],
  scope: string,
  filter: string,
  holder: TokenHolder,
): readonly RoleAssignment[] | undefined {
  const atOrAbove = all.filter((one) => isWithin(scope, one.scope));
  const around = all.filter((one) => isWithin(scope, one.scope) || isWithin(one.scope, scope));
  if (filter === "") return around;
  if (/^atScope\(\)$/i.test(filter)) return atOrAbove;
  const of = (list: readonly RoleAssignment[], objectId: string) =>
    list.filter(({ principal }) => sameName(principal.objectId, objectId));
  if (/^asTarget\(\)$/i.test(filter)) return of(around, holder.objectId);
  const principal =
    /^(?:principalId\s+eq\s+'([^']+)'|assignedTo\('([^']+)'\))(\s+and\s+atScope\(\))?$/i
      .exec(filter) ??
      /^()()(atScope\(\)\s+and\s+)?(?:principalId\s+eq\s+'([^']+)'|assignedTo\('([^']+)'\))$/i
        .exec(filter);
  if (!principal) return undefined;
  const [, a, b, atScope, c, d] = principal;
  return of(atScope ? atOrAbove : around, a || b || c || d || "");
}

function badFilter(filter: string): ArmAnswer {
  return {
    status: 400,
    code: "BadRequestFormat",
    message: `The filter '${filter}' is not supported.`,
  };
}

function describeAssignment({ id, principal, role, scope }: RoleAssignment) {
  return {
    id: `${scope}/providers/Microsoft.Authorization/roleAssignments/${id}`,
    name: id,
    type: "Microsoft.Authorization/roleAssignments",
    properties: {
      scope,
      roleDefinitionId: definitionId(role),
      principalId: principal.objectId,
      principalType: principalType(principal),
    },
  };
}

function describeEligibility({ id, principal, role, scope }: RoleAssignment) {
  return {
    id: `${scope}/providers/Microsoft.Authorization/roleEligibilityScheduleInstances/${id}`,
    name: id,
    type: "Microsoft.Authorization/roleEligibilityScheduleInstances",
    properties: {
      scope,
      roleDefinitionId: definitionId(role),
      principalId: principal.objectId,
      principalType: principalType(principal),
      status: "Provisioned",
      memberType: "Direct",
      expandedProperties: {
        scope: { id: scope, displayName: scope.split("/").at(-1) ?? "" },
        roleDefinition: {
          id: definitionId(role),
          displayName: role.name,
          type: "BuiltInRole",
        },
        principal: {
          id: principal.objectId,
          displayName: principal.name,
          type: principalType(principal),
        },
      },
    },
  };
}

function describeDefinition(role: RoleDefinition) {
  const { id, name, actions, dataActions = [] } = role;
  return {
    id: definitionId(role),
    name: id,
    type: "Microsoft.Authorization/roleDefinitions",
    properties: {
      roleName: name,
      type: "BuiltInRole",
      assignableScopes: ["/"],
      permissions: [{ actions, notActions: [], dataActions, notDataActions: [] }],
    },
  };
}

function definitionId({ id }: RoleDefinition): string {
  return `/providers/Microsoft.Authorization/roleDefinitions/${id}`;
}

function principalType({ kind }: { readonly kind: "user" | "app" }): string {
  return kind === "user" ? "User" : "ServicePrincipal";
}
