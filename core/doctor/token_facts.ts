/** What an access token says of itself: for showing, since nobody has verified it here. Pure. */

import { jwtClaims } from "../auth/azure/jwt_claims.ts";
import { isRecord } from "../record.ts";
import { printable, type Secret } from "../secret.ts";

export interface TokenFacts {
  /** User, or the client id of an application. */
  readonly username?: string;
  /** Whom roles are assigned to. */
  readonly objectId?: string;
  readonly tenant?: string;
  /** Entra groups that are named in it. */
  readonly groups: number;
  /** The groups are too many to be named in it (more than 200). */
  readonly overage: boolean;
}

const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Nearly nothing, where the token is not a readable one. */
export function tokenFacts(token: Secret): TokenFacts {
  const claims = jwtClaims(token.reveal());
  const text = (...names: string[]) => {
    const value = names.map((name) => claims[name]).find((one) => typeof one === "string" && one);
    return typeof value === "string" ? printable(value, 120) : undefined;
  };
  const username = text("upn", "preferred_username", "unique_name", "appid", "azp");
  const objectId = text("oid");
  const tenant = text("tid")?.toLowerCase();
  const { groups, _claim_names: named, hasgroups } = claims;
  return {
    ...(username === undefined ? {} : { username }),
    ...(objectId !== undefined && GUID.test(objectId) ? { objectId } : {}),
    ...(tenant === undefined ? {} : { tenant }),
    groups: Array.isArray(groups) ? groups.length : 0,
    overage: hasgroups === true || (isRecord(named) && Object.hasOwn(named, "groups")),
  };
}
