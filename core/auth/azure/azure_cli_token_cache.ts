/** What of the Azure CLI's token cache (MSAL's unified schema, in JSON) is of use to us. */

import { isRecord } from "../../record.ts";

export interface CacheQuery {
  /** Host names, with ports, of the cloud's authority. */
  readonly environments: readonly string[];
  readonly username: string;
  /** Of the Azure CLI. */
  readonly clientId: string;
}

export interface CachedAccessToken {
  readonly secret: string;
  /** Milliseconds since 1970. */
  readonly expiresOn: number;
}

export interface AzureCliTokenCache {
  /** The user's access token of that tenant and one of the scopes, the one that lives longest. */
  accessToken(tenant: string, scopes: readonly string[]): CachedAccessToken | undefined;
  readonly refreshToken: string | undefined;
}

/** The tokens of one user; undefined where the cache does not know the user. */
export function readAzureCliTokenCache(
  cache: unknown,
  { environments, username, clientId }: CacheQuery,
): AzureCliTokenCache | undefined {
  const within = (entry: Entry) => isWithin(entry, environments);
  const accounts = entries(cache, "Account").filter((entry) =>
    within(entry) && text(entry["username"]).toLowerCase() === username.toLowerCase()
  );
  const ids = new Set(accounts.map((entry) => text(entry["home_account_id"])).filter(Boolean));
  if (ids.size === 0) return undefined;
  const own = (kind: string) =>
    entries(cache, kind).filter((entry) =>
      within(entry) && ids.has(text(entry["home_account_id"]))
    );
  const refreshTokens = own("RefreshToken");
  const refreshToken = refreshTokens.find((entry) => entry["client_id"] === clientId) ??
    // One of Microsoft's own family of applications is good for each of them.
    refreshTokens.find((entry) => text(entry["family_id"]) !== "");
  return {
    refreshToken: text(refreshToken?.["secret"]) || undefined,
    accessToken: (tenant, scopes) =>
      longestLived(own("AccessToken"), { clientId, realm: tenant, scopes }),
  };
}

/** The token that az keeps of a service principal, which is no account to the library. */
export function readAzureCliAppToken(
  cache: unknown,
  { environments, ...wanted }: Wanted & Pick<CacheQuery, "environments">,
): CachedAccessToken | undefined {
  const found = entries(cache, "AccessToken").filter((entry) =>
    isWithin(entry, environments) && text(entry["home_account_id"]) === ""
  );
  return longestLived(found, wanted);
}

type Entry = Readonly<Record<string, unknown>>;

interface Wanted {
  readonly clientId: string;
  /** The tenant. */
  readonly realm: string;
  /** Any of them will do. */
  readonly scopes: readonly string[];
}

function longestLived(
  tokens: readonly Entry[],
  { clientId, realm, scopes }: Wanted,
): CachedAccessToken | undefined {
  const wanted = scopes.map(resourceOf);
  return tokens
    .filter((entry) =>
      entry["client_id"] === clientId && entry["realm"] === realm &&
      // Certificates and tokens that are bound to a key are kept beside them.
      /^(bearer)?$/i.test(text(entry["token_type"])) &&
      text(entry["target"]).split(" ").some((one) => wanted.includes(resourceOf(one)))
    )
    .map((entry) => ({
      secret: text(entry["secret"]),
      expiresOn: Number(entry["expires_on"]) * 1000,
    }))
    .filter(({ secret, expiresOn }) => secret !== "" && Number.isFinite(expiresOn))
    .sort((a, b) => b.expiresOn - a.expiresOn)[0];
}

function isWithin(entry: Entry, environments: readonly string[]): boolean {
  return environments.some((one) => one.toLowerCase() === text(entry["environment"]).toLowerCase());
}

function entries(cache: unknown, kind: string): Entry[] {
  const of = isRecord(cache) ? cache[kind] : undefined;
  return isRecord(of) ? Object.values(of).filter(isRecord) : [];
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}

/** What a scope is for: `https://a//.default` and `https://a/user_impersonation` are one. */
function resourceOf(scope: string): string {
  return scope.replace(/\/+[^/]*$/, "").toLowerCase();
}
