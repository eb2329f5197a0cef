/** What the token endpoint gives out. */

import type { AccessTokens } from "./access_tokens.ts";
import { clientInfo } from "./client_info.ts";
import type { RefreshTokens } from "./refresh_tokens.ts";
import type { RequestedResource } from "./requested_resource.ts";
import { sameName } from "./resource_id.ts";
import type { SecretRecord } from "./secret_record.ts";
import type { Grant } from "./token_grants.ts";
import type { TokenSigner } from "./token_signer.ts";
import { defaults } from "./world_schema.ts";

export interface TokenResponseOptions {
  readonly tokens: AccessTokens;
  readonly signer: TokenSigner;
  readonly refreshTokens: RefreshTokens;
  readonly secrets: SecretRecord;
  readonly now: () => number;
}

export async function tokenResponse(
  { principal, clientId, tenant, nonce }: Grant,
  resource: RequestedResource,
  { form, issuer }: { readonly form: URLSearchParams; readonly issuer: string },
  options: TokenResponseOptions,
): Promise<Record<string, unknown>> {
  const { token, expiresIn } = await options.tokens.issue(
    { principal, tenant, clientId, issuer },
    resource.audience,
  );
  const now = Math.floor(options.now() / 1000);
  const common = {
    token_type: "Bearer",
    expires_in: expiresIn,
    ext_expires_in: expiresIn,
    access_token: token,
    // As the older endpoints have it.
    ...(form.has("resource")
      ? { resource: resource.audience, expires_on: String(now + expiresIn) }
      : {}),
  };
  if (principal.kind !== "user") return common;
  const { userPrincipalName, objectId } = principal;
  const idToken = () =>
    options.signer.sign({
      aud: clientId,
      iss: issuer,
      iat: now,
      nbf: now,
      exp: now + expiresIn,
      oid: objectId,
      sub: objectId,
      tid: tenant,
      preferred_username: userPrincipalName,
      upn: userPrincipalName,
      name: userPrincipalName.replace(/@.*$/, ""),
      ver: "2.0",
      ...(nonce === undefined ? {} : { nonce }),
    });
  return {
    ...common,
    scope: resource.scope,
    ...(resource.wantsRefreshToken
      ? { refresh_token: options.refreshTokens.issue(principal, clientId) }
      : {}),
    ...(resource.wantsIdToken ? { id_token: options.secrets.add(await idToken()) } : {}),
    ...(form.get("client_info") === "1" || form.get("client_info") === "true"
      ? { client_info: clientInfo(principal) }
      : {}),
    // The Azure CLI is of the family whose apps may use each other's refresh tokens.
    ...(sameName(clientId, defaults.publicClient) ? { foci: "1" } : {}),
  };
}
