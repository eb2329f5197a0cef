/** What an access token says of its owner: for showing, since nobody has verified it here. */

import { isRecord } from "../../../record.ts";
import { printable, type Secret } from "../../../secret.ts";

export interface Claims {
  /** User, or the client id of an application. */
  readonly username?: string;
  readonly tenant?: string;
}

/** Nothing, where the token is not a readable one. */
export function claimsOf(token: Secret): Claims {
  try {
    const [, payload = ""] = token.reveal().split(".");
    const bytes = Uint8Array.fromBase64(payload, { alphabet: "base64url" });
    const claims: unknown = JSON.parse(new TextDecoder().decode(bytes));
    if (!isRecord(claims)) return {};
    const { upn, preferred_username, unique_name, appid, azp, tid } = claims;
    const username = [upn, preferred_username, unique_name, appid, azp].find((one) =>
      typeof one === "string" && one !== ""
    );
    return {
      ...(typeof username === "string" ? { username: printable(username, 120) } : {}),
      ...(typeof tid === "string" ? { tenant: printable(tid, 80) } : {}),
    };
  } catch {
    return {};
  }
}
