/** Device codes: a short code that a user approves elsewhere, while the program waits. */

import { type EntraRefusal, entraRefusal } from "./entra_refusal.ts";
import type { User } from "./identities.ts";
import { base64Url } from "./jwt.ts";
import { sameName } from "./resource_id.ts";
import type { SecretRecord } from "./secret_record.ts";

export interface DeviceCodes {
  start(clientId: string, scope: string, approvedBy?: User): StartedDeviceCode;
  /** By a page or a control: whether there was such a code that waits. `user` undefined: declined. */
  settle(userCode: string, user: User | undefined): boolean;
  /** The token request of the program that waits. */
  redeem(deviceCode: string, clientId: string): { user: User; scope: string } | EntraRefusal;
}

export interface StartedDeviceCode {
  readonly deviceCode: string;
  readonly userCode: string;
  /** Seconds. */
  readonly expiresIn: number;
}

/** Seconds. */
const LIFETIME = 900;
const LIMIT = 1_000;

type State = "waiting" | "declined" | "used" | { readonly user: User };

export function createDeviceCodes(secrets: SecretRecord, now: () => number): DeviceCodes {
  const issued = new Map<
    string,
    { userCode: string; clientId: string; scope: string; until: number; state: State }
  >();
  return {
    start(clientId, scope, approvedBy) {
      const deviceCode = secrets.add(base64Url(crypto.getRandomValues(new Uint8Array(40))));
      const userCode = randomUserCode();
      issued.set(deviceCode, {
        userCode,
        clientId,
        scope,
        until: now() + LIFETIME * 1000,
        state: approvedBy ? { user: approvedBy } : "waiting",
      });
      const [oldest] = issued.size > LIMIT ? issued.keys() : [];
      if (oldest !== undefined) issued.delete(oldest);
      return { deviceCode, userCode, expiresIn: LIFETIME };
    },
    settle(userCode, user) {
      const waiting = [...issued.values()].find((one) =>
        sameName(one.userCode, userCode) && one.state === "waiting" && one.until > now()
      );
      if (!waiting) return false;
      waiting.state = user ? { user } : "declined";
      return true;
    },
    redeem(deviceCode, clientId) {
      const known = issued.get(deviceCode);
      if (!known || known.state === "used" || !sameName(known.clientId, clientId)) {
        return entraRefusal(
          "bad_verification_code",
          "AADSTS70000: The provided device code is not valid.",
        );
      }
      if (known.until <= now()) {
        return entraRefusal(
          "expired_token",
          "AADSTS70020: The provided value for the input parameter 'device_code' is not valid. This device code has expired.",
        );
      }
      if (known.state === "waiting") {
        return entraRefusal(
          "authorization_pending",
          "AADSTS70016: OAuth 2.0 device flow error. Authorization is pending. Continue polling.",
        );
      }
      if (known.state === "declined") {
        return entraRefusal(
          "authorization_declined",
          "AADSTS65004: User declined to consent to access the app.",
        );
      }
      const { user } = known.state;
      known.state = "used";
      return { user, scope: known.scope };
    },
  };
}

/** Nine letters and digits that are not easily taken for one another. */
function randomUserCode(): string {
  const letters = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789";
  return Array.from(
    crypto.getRandomValues(new Uint8Array(9)),
    (byte) => letters[byte % letters.length] ?? "",
  ).join("");
}
