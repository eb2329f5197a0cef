/** Refresh tokens: each good for new tokens until its user is revoked. */

import { disabledProblem, interactionRequired } from "./directory.ts";
import { type EntraRefusal, entraRefusal } from "./entra_refusal.ts";
import type { User } from "./identities.ts";
import { base64Url } from "./jwt.ts";
import { sameName } from "./resource_id.ts";
import type { SecretRecord } from "./secret_record.ts";

export interface RefreshTokens {
  issue(user: User, clientId: string): string;
  redeem(token: string, clientId: string): User | EntraRefusal;
}

/** A soak of days must not fill the memory: the oldest go. */
const LIMIT = 50_000;

export function createRefreshTokens(secrets: SecretRecord): RefreshTokens {
  const issued = new Map<string, { user: User; clientId: string; generation: number }>();
  return {
    issue(user, clientId) {
      const token = `1.${base64Url(crypto.getRandomValues(new Uint8Array(48)))}`;
      issued.set(secrets.add(token), { user, clientId, generation: user.generation });
      const [oldest] = issued.size > LIMIT ? issued.keys() : [];
      if (oldest !== undefined) issued.delete(oldest);
      return token;
    },
    redeem(token, clientId) {
      const known = issued.get(token);
      if (!known || !sameName(known.clientId, clientId)) {
        return entraRefusal(
          "invalid_grant",
          "AADSTS70000: Provided grant is invalid or malformed.",
        );
      }
      const { user, generation } = known;
      const disabled = disabledProblem(user);
      if (disabled) return disabled;
      if (generation === user.generation) return user;
      return user.interactionRequired ? interactionRequired("interaction_required") : entraRefusal(
        "invalid_grant",
        "AADSTS50173: The provided grant has expired due to it being revoked, a fresh auth token is needed. The user might have changed or reset their password.",
      );
    },
  };
}
