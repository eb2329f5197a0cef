/** Authorization codes: what a browser brings back from the sign-in, good once, for ten minutes. */

import { type EntraRefusal, entraRefusal } from "./entra_refusal.ts";
import type { User } from "./identities.ts";
import { base64Url } from "./jwt.ts";
import { sameName } from "./resource_id.ts";
import type { SecretRecord } from "./secret_record.ts";

export interface AuthorizationGrant {
  readonly user: User;
  readonly clientId: string;
  readonly redirectUri: string;
  readonly scope: string;
  readonly nonce?: string;
  /** SHA-256 of the verifier, as base64url (PKCE). */
  readonly challenge?: string;
}

export interface AuthorizationCodes {
  issue(grant: AuthorizationGrant): string;
  redeem(form: URLSearchParams): Promise<AuthorizationGrant | EntraRefusal>;
}

const LIFETIME = 600_000;
const LIMIT = 1_000;

export function createAuthorizationCodes(
  secrets: SecretRecord,
  now: () => number,
): AuthorizationCodes {
  const issued = new Map<string, { grant: AuthorizationGrant; until: number; isUsed: boolean }>();
  return {
    issue(grant) {
      const code = `1.${base64Url(crypto.getRandomValues(new Uint8Array(40)))}`;
      issued.set(secrets.add(code), { grant, until: now() + LIFETIME, isUsed: false });
      const [oldest] = issued.size > LIMIT ? issued.keys() : [];
      if (oldest !== undefined) issued.delete(oldest);
      return code;
    },
    async redeem(form) {
      const known = issued.get(form.get("code") ?? "");
      if (!known) {
        return entraRefusal(
          "invalid_grant",
          "AADSTS9002313: Invalid request. Request is malformed or invalid.",
        );
      }
      const { grant } = known;
      if (known.isUsed) {
        return entraRefusal(
          "invalid_grant",
          "AADSTS54005: OAuth2 Authorization code was already redeemed, please retry with a new valid code or use an existing refresh token.",
        );
      }
      if (known.until <= now()) {
        return entraRefusal(
          "invalid_grant",
          "AADSTS70008: The provided authorization code or refresh token has expired due to inactivity.",
        );
      }
      if (!sameName(form.get("client_id") ?? "", grant.clientId)) {
        return entraRefusal(
          "invalid_grant",
          `AADSTS700005: Provided Authorization Code is intended to use against other application.`,
        );
      }
      if (form.get("redirect_uri") !== grant.redirectUri) {
        return entraRefusal(
          "invalid_client",
          "AADSTS500112: The reply address does not match the reply address provided when requesting Authorization code.",
        );
      }
      if (grant.challenge !== undefined) {
        const verifier = new TextEncoder().encode(form.get("code_verifier") ?? "");
        const digest = await crypto.subtle.digest("SHA-256", verifier);
        if (base64Url(new Uint8Array(digest)) !== grant.challenge) {
          return entraRefusal(
            "invalid_grant",
            "AADSTS501481: The Code_Verifier does not match the code_challenge supplied in the authorization request.",
          );
        }
      }
      known.isUsed = true;
      return grant;
    },
  };
}
