/** A user who has signed in by `bastion login`. */

import type { AuthenticationResult } from "@azure/msal-node";
import { bastionError } from "../../../errors.ts";
import { printable, Secret } from "../../../secret.ts";
import type { AccessToken, AzureCredential, CredentialSource } from "../credential.ts";
import { formHttp } from "../form_http.ts";
import { loginError } from "./login_error.ts";
import type { LoginFile } from "./login_file.ts";
import type { SignIn } from "./login_state.ts";
import { authorityOf, createMsalClient } from "./msal_client.ts";
import type { Exchange } from "./msal_network.ts";

export function userCredential(
  source: Pick<CredentialSource, "cloud" | "http">,
  file: LoginFile,
  signIn: SignIn & { readonly kind: "user" },
): AzureCredential {
  const name = `login (${printable(signIn.username, 80)})`;
  return {
    name,
    cacheKey: `login ${signIn.id}`,
    ...(signIn.tenant === undefined ? {} : { tenant: signIn.tenant }),
    async getToken(scope, { signal, fresh = false, tenant = signIn.tenant, form } = {}) {
      signal?.throwIfAborted();
      const last: Exchange = {};
      const command = loginCommand(tenant);
      try {
        const msal = await createMsalClient({
          ...source,
          http: formHttp(source.http, form),
          clientId: signIn.clientId,
          cachePlugin: file.cachePlugin,
          last,
          ...(signal ? { signal } : {}),
        });
        const accounts = await msal.getAllAccounts();
        const account = accounts.find(({ homeAccountId }) =>
          homeAccountId === signIn.homeAccountId
        );
        if (!account) {
          const reason = "what was kept of the sign-in is gone";
          throw bastionError("credential-interaction", { credential: name, reason, command });
        }
        return tokenOf(
          await msal.acquireTokenSilent({
            // MSAL looks for kept tokens by the account's tenant, not by the authority's.
            account: { ...account, ...(tenant === undefined ? {} : { tenantId: tenant }) },
            scopes: [scope],
            authority: authorityOf(source.cloud, tenant),
            forceRefresh: fresh || form !== undefined,
          }),
        );
      } catch (error) {
        signal?.throwIfAborted();
        throw loginError(error, last, { credential: name, command });
      }
    },
  };
}

function loginCommand(tenant: string | undefined): string {
  return tenant === undefined ? "bastion login" : `bastion login --tenant ${printable(tenant, 80)}`;
}

function tokenOf({ accessToken, expiresOn }: AuthenticationResult): AccessToken {
  return { token: new Secret(accessToken), expiresOn: expiresOn?.getTime() ?? 0 };
}
