/** Issues access tokens as Entra does, and judges them as Azure's services do. */

import { base64Url, hasSignatureOf, parseJwt, signJwt } from "./jwt.ts";
import type { SecretRecord } from "./secret_record.ts";
import type { Stats } from "./stats.ts";
import type { World } from "./world.ts";

export interface AccessTokens {
  /** For `/.well-known` and `/discovery`: the public key, as a JWK set. */
  readonly keys: unknown;
  issuerOf(tenant: string): string;
  issue(tenant: string, clientId: string): Promise<{ token: string; expiresIn: number }>;
  judge(token: string | undefined): Promise<Judgement>;
}

/** What is wrong with a token, in Resource Manager's terms; or whose it is. */
export type Judgement =
  | { readonly tenant: string; readonly clientId: string }
  | { readonly code: TokenProblem; readonly message: string };

type TokenProblem =
  | "AuthenticationFailed"
  | "InvalidAuthenticationToken"
  | "InvalidAuthenticationTokenAudience"
  | "ExpiredAuthenticationToken";

/** Clocks differ by a little; Azure allows five minutes, which no test wants to wait for. */
const CLOCK_SKEW = 5;

export interface AccessTokenOptions {
  readonly world: World;
  /** Base address of the emulated Entra. */
  readonly authority: string;
  readonly audience: string;
  /** Seconds. */
  readonly lifetime: number;
  readonly secrets: SecretRecord;
  readonly stats: Stats;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

export async function createAccessTokens(options: AccessTokenOptions): Promise<AccessTokens> {
  const { world, authority, audience, lifetime } = options;
  const pair = await crypto.subtle.generateKey(
    {
      name: "RSASSA-PKCS1-v1_5",
      hash: "SHA-256",
      modulusLength: 2048,
      publicExponent: new Uint8Array([1, 0, 1]),
    },
    false,
    ["sign", "verify"],
  );
  const { kty, n, e } = await crypto.subtle.exportKey("jwk", pair.publicKey);
  const kid = base64Url(crypto.getRandomValues(new Uint8Array(20)));
  const issuerOf = (tenant: string) => `${authority}/${tenant}/v2.0`;
  const seconds = () => Math.floor(options.now() / 1000);

  return {
    keys: { keys: [{ kty, n, e, kid, x5t: kid, use: "sig", alg: "RS256" }] },
    issuerOf,
    async issue(tenant, clientId) {
      const now = seconds();
      const token = await signJwt({ typ: "JWT", kid, x5t: kid }, {
        aud: audience,
        iss: issuerOf(tenant),
        iat: now,
        nbf: now,
        exp: now + lifetime,
        appid: clientId,
        idtyp: "app",
        tid: tenant,
        uti: base64Url(crypto.getRandomValues(new Uint8Array(16))),
        ver: "1.0",
      }, pair.privateKey);
      options.secrets.add(token);
      options.stats.accessTokensIssued++;
      return { token, expiresIn: lifetime };
    },
    async judge(token) {
      if (!token) {
        return {
          code: "AuthenticationFailed",
          message: "Authentication failed. The 'Authorization' header is missing.",
        };
      }
      const jwt = parseJwt(token);
      if (!jwt || !await hasSignatureOf(jwt, pair.publicKey)) {
        return { code: "InvalidAuthenticationToken", message: "The access token is invalid." };
      }
      const { iss, aud, exp, nbf, appid } = jwt.claims;
      const issuer = world.servicePrincipals.find(({ tenant }) => iss === issuerOf(tenant));
      if (!issuer || typeof appid !== "string") {
        return {
          code: "InvalidAuthenticationToken",
          message: "The access token is from the wrong issuer.",
        };
      }
      if (aud !== audience) {
        return {
          code: "InvalidAuthenticationTokenAudience",
          message:
            `The access token has been obtained for the wrong audience or resource. It should exactly match '${audience}'.`,
        };
      }
      const now = seconds();
      if (typeof exp !== "number" || typeof nbf !== "number" || nbf > now + CLOCK_SKEW) {
        return {
          code: "InvalidAuthenticationToken",
          message: "The access token is not yet valid.",
        };
      }
      if (exp <= now) {
        return { code: "ExpiredAuthenticationToken", message: "The access token expiry is past." };
      }
      return { tenant: issuer.tenant, clientId: appid };
    },
  };
}
