/** Whether Azure's environment variables mean another cloud than the one that is used. */

import { printable } from "../../secret.ts";
import type { CredentialSource } from "./credential.ts";

/**
 * Why credentials of the environment are not for this cloud; undefined where they are. Without
 * AZURE_AUTHORITY_HOST they are for whichever cloud is used.
 */
export function foreignAuthority({ env, cloud }: CredentialSource): string | undefined {
  const given = env("AZURE_AUTHORITY_HOST");
  if (!given) return undefined;
  // az and the libraries take it with `https://` and without.
  const origin = URL.parse(given.includes("://") ? given : `https://${given}`)?.origin;
  if (origin === new URL(cloud.authority).origin) return undefined;
  return `AZURE_AUTHORITY_HOST is ${printable(given, 80)}, not ${cloud.name}'s`;
}
