/** An access token for a refresh token, by MSAL, which keeps nothing of it. */

import { Secret } from "../../secret.ts";
import type { AccessToken, CredentialSource } from "./credential.ts";
import { type FailedSignIn, loginError } from "./login/login_error.ts";
import { authorityOf, createMsalClient } from "./login/msal_client.ts";
import type { Exchange } from "./login/msal_network.ts";

export interface Redemption {
  readonly refreshToken: Secret;
  /** Of the application that it was issued to. */
  readonly clientId: string;
  readonly tenant: string;
  readonly scope: string;
  /** For what the user is told. */
  readonly failed: FailedSignIn;
  readonly signal?: AbortSignal;
}

/** @throws BastionError `credential-interaction`, `credential-refused`, network errors */
export async function redeemRefreshToken(
  { cloud, http }: Pick<CredentialSource, "cloud" | "http">,
  { refreshToken, clientId, tenant, scope, failed, signal }: Redemption,
): Promise<AccessToken> {
  const last: Exchange = {};
  const done = () => Promise.resolve();
  try {
    const client = await createMsalClient({
      cloud,
      http,
      clientId,
      cachePlugin: { beforeCacheAccess: done, afterCacheAccess: done },
      last,
      ...(signal ? { signal } : {}),
    });
    const result = await client.acquireTokenByRefreshToken({
      refreshToken: refreshToken.reveal(),
      scopes: [scope],
      authority: authorityOf(cloud, tenant),
    });
    if (!result?.accessToken || !result.expiresOn) throw new Error("MSAL gave no token");
    return { token: new Secret(result.accessToken), expiresOn: result.expiresOn.getTime() };
  } catch (error) {
    signal?.throwIfAborted();
    throw loginError(error, last, failed);
  }
}
