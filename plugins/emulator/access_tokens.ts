/** Issues access tokens as Entra does, and judges them as Azure's services do. */

import type { Principal, User } from "./identities.ts";
import { base64Url } from "./jwt.ts";
import type { SecretRecord } from "./secret_record.ts";
import type { Stats } from "./stats.ts";
import type { TokenSigner } from "./token_signer.ts";
import type { World } from "./world.ts";

/** Whom a token is for, and by which app. */
export interface TokenSubject {
  readonly principal: Principal | User;
  /** The tenant that issues it. */
  readonly tenant: string;
  readonly clientId: string;
  /** Address of the issuer, where it is not the tenant's. */
  readonly issuer?: string;
}

export interface AccessTokens {
  issuerOf(tenant: string): string;
  /** @param audience Resource Manager's, where it is left out */
  issue(
    subject: TokenSubject,
    audience?: string,
  ): Promise<{ token: string; expiresIn: number }>;
  judge(token: string | undefined): Promise<Judgement>;
}

/** What is wrong with a token, in Resource Manager's terms; or whose it is. */
export type Judgement = TokenHolder | { readonly code: TokenProblem; readonly message: string };

export interface TokenHolder {
  readonly tenant: string;
  readonly clientId: string;
  readonly objectId: string;
  /** What errors call the holder. */
  readonly name: string;
}

type TokenProblem =
  | "AuthenticationFailed"
  | "InvalidAuthenticationToken"
  | "InvalidAuthenticationTokenAudience"
  | "ExpiredAuthenticationToken";

/** Clocks differ by a little; Azure allows five minutes, which no test wants to wait for. */
const CLOCK_SKEW = 5;
/** Of more groups than this a token tells only that they are too many to be told. */
const MAX_GROUPS = 200;

export interface AccessTokenOptions {
  readonly world: World;
  readonly signer: TokenSigner;
  /** Base address of the emulated Entra. */
  readonly authority: string;
  readonly audience: string;
  /** Seconds, of the tokens that are issued from now on. */
  readonly lifetime: () => number;
  readonly secrets: SecretRecord;
  readonly stats: Stats;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

export function createAccessTokens(options: AccessTokenOptions): AccessTokens {
  const { world, authority, audience, signer } = options;
  const issuerOf = (tenant: string) => `${authority}/${tenant}/v2.0`;
  const seconds = () => Math.floor(options.now() / 1000);

  return {
    issuerOf,
    async issue({ principal, tenant, clientId, issuer = issuerOf(tenant) }, aud = audience) {
      const now = seconds();
      const lifetime = options.lifetime();
      // Together, so that whoever changes the lifetime can count from there.
      options.stats.accessTokensIssued++;
      const token = await signer.sign({
        aud,
        iss: issuer,
        iat: now,
        nbf: now,
        exp: now + lifetime,
        appid: clientId,
        oid: principal.objectId,
        sub: principal.objectId,
        tid: tenant,
        ...describePrincipal(principal, authority),
        uti: base64Url(crypto.getRandomValues(new Uint8Array(16))),
        ver: "1.0",
      });
      options.secrets.add(token);
      return { token, expiresIn: lifetime };
    },
    async judge(token) {
      if (!token) {
        return {
          code: "AuthenticationFailed",
          message: "Authentication failed. The 'Authorization' header is missing.",
        };
      }
      const jwt = await signer.verify(token);
      if (!jwt) {
        return { code: "InvalidAuthenticationToken", message: "The access token is invalid." };
      }
      const { iss, aud, exp, nbf, appid, tid, oid, upn } = jwt.claims;
      const tenant = world.tenants.find(({ id }) =>
        iss === issuerOf(id) || (iss === `${authority}/adfs` && tid === id)
      );
      if (!tenant || typeof appid !== "string" || typeof oid !== "string") {
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
      const name = typeof upn === "string" ? upn : appid;
      return { tenant: tenant.id, clientId: appid, objectId: oid, name };
    },
  };
}

function describePrincipal(principal: Principal | User, authority: string) {
  if (!("userPrincipalName" in principal)) return { idtyp: "app" };
  const { userPrincipalName: upn, groups } = principal;
  return {
    idtyp: "user",
    scp: "user_impersonation",
    upn,
    unique_name: upn,
    name: upn.replace(/@.*$/, ""),
    ...groupClaims(groups, `${authority}/graph/users/${principal.objectId}`),
  };
}

function groupClaims(groups: number, source: string) {
  if (groups === 0) return {};
  if (groups > MAX_GROUPS) {
    return {
      _claim_names: { groups: "src1" },
      _claim_sources: { src1: { endpoint: `${source}/getMemberObjects` } },
    };
  }
  const group = (i: number) => `0e0e0e0e-0000-4000-9000-${i.toString(16).padStart(12, "0")}`;
  return { groups: Array.from({ length: groups }, (_, i) => group(i)) };
}
