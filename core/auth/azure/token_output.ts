/** What a program prints for a token: the token itself, or JSON as az and others have it. */

import { isRecord } from "../../record.ts";
import { Secret } from "../../secret.ts";
import type { AccessToken } from "./credential.ts";
import { jwtClaims } from "./jwt_claims.ts";

/** Of a token that does not say when it ends, in ms: it is asked for again after that. */
const UNKNOWN_LIFETIME = 10 * 60_000;
/** The last time that can be shown, in ms: a later one was said in another unit, or by mistake. */
const MAX_TIME = 8.64e15;

/** Undefined where `output` holds no token. */
export function readTokenOutput(output: string, now: number): AccessToken | undefined {
  const text = output.trim();
  if (!text.startsWith("{")) {
    if (!/^[\w.~+/=-]{16,}$/.test(text)) return undefined;
    return { token: new Secret(text), expiresOn: endOfJwt(text) ?? now + UNKNOWN_LIFETIME };
  }
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!isRecord(document)) return undefined;
  const { accessToken = document["access_token"] ?? document["token"] } = document;
  if (typeof accessToken !== "string" || accessToken === "") return undefined;
  const said = endOf(document, now);
  const expiresOn = said !== undefined && said <= MAX_TIME
    ? said
    : endOfJwt(accessToken) ?? now + UNKNOWN_LIFETIME;
  return { token: new Secret(accessToken), expiresOn };
}

function endOf(document: Readonly<Record<string, unknown>>, now: number): number | undefined {
  const { expires_on: stamp, expires_in: left, expiresOn: local } = document;
  if (isSeconds(stamp)) return Number(stamp) * 1000;
  if (isSeconds(left)) return now + Number(left) * 1000;
  if (typeof local !== "string") return undefined;
  // az before 2.54 says it in the local time, without a zone: `2030-01-01 12:00:00.000000`.
  const time = Date.parse(local.trim().replace(" ", "T"));
  return Number.isNaN(time) ? undefined : time;
}

function isSeconds(value: unknown): boolean {
  return typeof value === "number" ? value > 0 : typeof value === "string" && /^\d+$/.test(value);
}

function endOfJwt(token: string): number | undefined {
  const { exp: end } = jwtClaims(token);
  return typeof end === "number" && end > 0 && end * 1000 <= MAX_TIME ? end * 1000 : undefined;
}
