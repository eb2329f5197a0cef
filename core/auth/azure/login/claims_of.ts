/** What an access token says of its owner: for showing, since nobody has verified it here. */

import { printable, type Secret } from "../../../secret.ts";
import { jwtClaims } from "../jwt_claims.ts";

export interface Claims {
  /** User, or the client id of an application. */
  readonly username?: string;
  readonly tenant?: string;
}

/** Nothing, where the token is not a readable one. */
export function claimsOf(token: Secret): Claims {
  const { upn, preferred_username, unique_name, appid, azp, tid } = jwtClaims(token.reveal());
  const username = [upn, preferred_username, unique_name, appid, azp].find((one) =>
    typeof one === "string" && one !== ""
  );
  return {
    ...(typeof username === "string" ? { username: printable(username, 120) } : {}),
    ...(typeof tid === "string" ? { tenant: printable(tid, 80) } : {}),
  };
}
