import type { User } from "./identities.ts";
import { base64Url } from "./jwt.ts";

/** By what Microsoft's libraries know an account: the user's id, and the tenant it is at home in. */
export function clientInfo({ objectId, tenant }: User): string {
  const text = JSON.stringify({ uid: objectId, utid: tenant });
  return base64Url(new TextEncoder().encode(text));
}
