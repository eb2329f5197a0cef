/**
 * The Azure CLI's own sign-in, read from its files: a hundred times quicker than starting `az`.
 * Nothing is ever written there; what is renewed is kept in our store.
 */

import { join } from "node:path";
import type { Cloud } from "../../azure/cloud.ts";
import { bastionError } from "../../errors.ts";
import { isRecord } from "../../record.ts";
import { printable, Secret } from "../../secret.ts";
import {
  type AzureCliProfile,
  readAzureCliJson,
  readAzureCliProfile,
} from "./azure_cli_profile.ts";
import {
  type AzureCliTokenCache,
  type CachedAccessToken,
  readAzureCliAppToken,
  readAzureCliTokenCache,
} from "./azure_cli_token_cache.ts";
import type {
  AccessToken,
  AzureCredential,
  CredentialProvider,
  CredentialSource,
} from "./credential.ts";
import { formHttp } from "./form_http.ts";
import type { Proof } from "./service_principal.ts";

/** One that ends sooner, in ms, is renewed. */
const MIN_LEFT = 5 * 60_000;

export const azureCliCacheCredential: CredentialProvider = {
  name: "azure-cli-cache",
  async create(source) {
    if (source.leaveAzCache) {
      return { absent: "it is to be left alone (--no-az-cache)" };
    }
    if (source.platform.os === "windows") return { absent: "az encrypts it on Windows" };
    const profile = await readAzureCliProfile(source);
    if ("absent" in profile) return profile;
    switch (profile.user.kind) {
      case "user":
        return await userCredential(source, profile);
      case "service-principal":
        return await principalCredential(source, profile);
      case "identity":
        return { absent: "az is signed in with a managed identity, whose tokens it does not keep" };
    }
  },
};

async function userCredential(
  source: CredentialSource,
  profile: AzureCliProfile,
): Promise<AzureCredential | { readonly absent: string }> {
  const { AZURE_CLI_CLIENT_ID: clientId } = await import("./login/msal_client.ts");
  const { cloud } = source;
  const read = async (): Promise<AzureCliTokenCache | undefined> =>
    readAzureCliTokenCache(
      await readTokens(profile),
      { environments: environmentsOf(cloud), username: profile.user.name, clientId },
    );
  // Both are away where somebody has chosen that az encrypts its cache.
  if (!(await read())?.refreshToken) return { absent: "az keeps no readable token of its user" };
  const who = printable(profile.user.name, 80);
  const name = `azure-cli-cache (${who})`;
  return {
    name,
    cacheKey: ["azure-cli", profile.directory, profile.user.name].join(" "),
    tenant: profile.tenant,
    ...(profile.subscription ? { subscription: profile.subscription } : {}),
    async getToken(scope, { signal, fresh = false, tenant = profile.tenant, form } = {}) {
      signal?.throwIfAborted();
      // Read anew: az may have renewed its tokens, or somebody else signed in to it.
      const cache = await read();
      const command = `az login --tenant ${printable(tenant, 80)}`;
      const kept = fresh || form ? undefined : cache?.accessToken(tenant, sameScopes(cloud, scope));
      if (isGood(kept, source)) return tokenOf(kept);
      if (!cache?.refreshToken) {
        const reason = "az has signed its user out";
        throw bastionError("credential-interaction", { credential: name, reason, command });
      }
      const { redeemRefreshToken } = await import("./redeem_refresh_token.ts");
      return await redeemRefreshToken({ ...source, http: formHttp(source.http, form) }, {
        refreshToken: new Secret(cache.refreshToken),
        clientId,
        tenant,
        scope,
        failed: { credential: name, command },
        ...(signal ? { signal } : {}),
      });
    },
  };
}

function readTokens({ directory }: AzureCliProfile): Promise<unknown> {
  return readAzureCliJson(join(directory, "msal_token_cache.json"));
}

/** What the library may call the cloud's authority. */
function environmentsOf({ authority, authorityAliases = [] }: Cloud): string[] {
  const { host, hostname } = new URL(authority);
  return [host, hostname, ...authorityAliases];
}

function isGood(
  kept: CachedAccessToken | undefined,
  { clock }: Pick<CredentialSource, "clock">,
): kept is CachedAccessToken {
  return kept !== undefined && kept.expiresOn - clock.date().getTime() > MIN_LEFT;
}

function tokenOf({ secret, expiresOn }: CachedAccessToken): AccessToken {
  return { token: new Secret(secret), expiresOn };
}

/** az asks for Resource Manager's tokens by another name than we do. */
function sameScopes({ audience, audienceAliases = [] }: Cloud, scope: string): string[] {
  const own = scope === `${audience}/.default`;
  return [scope, ...own ? audienceAliases.map((alias) => `${alias}/.default`) : []];
}

async function principalCredential(
  source: CredentialSource,
  profile: AzureCliProfile,
): Promise<AzureCredential | { readonly absent: string }> {
  const { user, tenant, directory, subscription } = profile;
  const kept = await readAzureCliJson(join(directory, "service_principal_entries.json"));
  const entries = Array.isArray(kept) ? kept.filter(isRecord) : [];
  const own = entries.filter((entry) => entry["client_id"] === user.name);
  const entry = own.find((one) => one["tenant"] === tenant) ?? own[0];
  const proof = entry && proofOf(entry);
  if (!entry || !proof) return { absent: "az keeps no readable secret of its service principal" };
  const home = typeof entry["tenant"] === "string" ? entry["tenant"] : tenant;
  const { servicePrincipal } = await import("./service_principal.ts");
  const credential = await servicePrincipal(source, {
    name: `azure-cli-cache (service principal ${printable(user.name, 60)})`,
    tenant: home,
    client: user.name,
    proof,
  });
  return {
    ...credential,
    ...(subscription ? { subscription } : {}),
    async getToken(scope, options = {}) {
      options.signal?.throwIfAborted();
      const fresh = options.fresh || options.form !== undefined;
      const kept = fresh ? undefined : readAzureCliAppToken(await readTokens(profile), {
        environments: environmentsOf(source.cloud),
        clientId: user.name,
        realm: options.tenant ?? home,
        scopes: sameScopes(source.cloud, scope),
      });
      return isGood(kept, source) ? tokenOf(kept) : await credential.getToken(scope, options);
    },
  };
}

/** As az writes it: one of three fields. */
function proofOf(entry: Readonly<Record<string, unknown>>): Proof | undefined {
  const { client_secret: secret, certificate, client_assertion: assertion } = entry;
  if (typeof secret === "string" && secret !== "") return { secret: new Secret(secret) };
  if (typeof certificate === "string" && certificate !== "") {
    return { certificateFile: certificate };
  }
  if (typeof assertion === "string" && assertion !== "") {
    const token = new Secret(assertion);
    return { assertion: () => Promise.resolve(token.reveal()) };
  }
  return undefined;
}
