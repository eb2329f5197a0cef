/** Who may do what: the world's role assignments, as Azure reads them. */

import type { TokenHolder } from "./access_tokens.ts";
import type { RoleAssignment } from "./identities.ts";
import { sameName } from "./resource_id.ts";
import { grants, roleDefinitions } from "./role_definition.ts";
import type { World } from "./world.ts";

/** One of these stands in place of assignments, where the world names none. */
const EVERYTHING = roleDefinitions.find(({ name }) => name === "Reader")?.actions ?? [];

export interface Access {
  /** Whether a role at the scope, or above it, grants the action. */
  may(holder: TokenHolder, action: string, scope: string): boolean;
  /** Whether there is a role for the holder at the scope, above or below it. */
  touches(holder: TokenHolder, scope: string): boolean;
  /** What the holder may do at the scope: each role's actions and data actions. */
  permissionsAt(
    holder: TokenHolder,
    scope: string,
  ): { readonly actions: readonly string[]; readonly dataActions: readonly string[] }[];
}

export function createAccess(world: World): Access {
  const { roles } = world;
  const of = ({ objectId }: TokenHolder) =>
    (roles ?? []).filter(({ principal }) => sameName(principal.objectId, objectId));
  const at = (holder: TokenHolder, scope: string) =>
    of(holder).filter((one) => isWithin(scope, one.scope));
  return {
    may: (holder, action, scope) =>
      roles === undefined
        ? grants(EVERYTHING, action)
        : at(holder, scope).some(({ role }) => grants(role.actions, action)),
    touches: (holder, scope) =>
      roles === undefined ||
      of(holder).some((one) => isWithin(scope, one.scope) || isWithin(one.scope, scope)),
    permissionsAt: (holder, scope) =>
      roles === undefined
        ? [{ actions: EVERYTHING, dataActions: [] }]
        : at(holder, scope).map(({ role: { actions, dataActions = [] } }: RoleAssignment) => ({
          actions,
          dataActions,
        })),
  };
}

/** Whether an id is another's, or of something in it. */
export function isWithin(inner: string, outer: string): boolean {
  const fold = (id: string) => `${id.toLowerCase().replace(/\/+$/, "")}/`;
  return fold(inner).startsWith(fold(outer));
}
