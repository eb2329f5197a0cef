/** The identity of the Azure VM, container or Arc server that we run on, by MSAL. */

import { AsyncLocalStorage } from "node:async_hooks";
import { hostname } from "node:os";
import type { INetworkModule } from "@azure/msal-node";
import { bastionError } from "../../errors.ts";
import type { HttpClient } from "../../net/http_client.ts";
import { isRecord } from "../../record.ts";
import { printable, Secret } from "../../secret.ts";
import type {
  AccessToken,
  AzureCredential,
  CredentialProvider,
  CredentialSource,
  TokenOptions,
} from "./credential.ts";
import { loginError } from "./login/login_error.ts";
import { type Exchange, msalNetwork } from "./login/msal_network.ts";
import { metadataHttp } from "./metadata_http.ts";

/** Set where the identity is served by something else than the metadata service. */
const ENDPOINTS = ["IDENTITY_ENDPOINT", "MSI_ENDPOINT", "IMDS_ENDPOINT"] as const;
const IMDS_OVERRIDE = "AZURE_POD_IDENTITY_AUTHORITY_HOST";
const IMDS = "http://169.254.169.254";
/** How long a service that was there counts as there, in ms. */
const PROBE_LIFETIME = 600_000;

export const managedIdentityCredential: CredentialProvider = {
  name: "managed-identity",
  async create(source) {
    const absent = await absence(source);
    if (absent !== undefined) return { absent };
    return managedIdentity(source, source.env("AZURE_CLIENT_ID") || undefined);
  },
};

/** Without a client id, the system-assigned identity, or the only one. */
export function managedIdentity(source: CredentialSource, clientId?: string): AzureCredential {
  const who = clientId ? `client ${printable(clientId, 60)}` : "this computer's";
  const name = `managed-identity (${who})`;
  return {
    name,
    // The computer's own: a home directory may be on several.
    cacheKey: [
      ...["managed-identity", hostname(), clientId ?? ""],
      ...[...ENDPOINTS, IMDS_OVERRIDE].map((name) => source.env(name) ?? ""),
    ].join(" "),
    getToken: (scope, options = {}) => askForToken(source, { name, clientId, scope, options }),
  };
}

/** MSAL keeps the first network that it is given for good; each request's own is found by this. */
const current = new AsyncLocalStorage<INetworkModule>();
const currentNetwork: INetworkModule = {
  sendGetRequestAsync: (url, options) => network().sendGetRequestAsync(url, options),
  sendPostRequestAsync: (url, options) => network().sendPostRequestAsync(url, options),
};

function network(): INetworkModule {
  const found = current.getStore();
  if (!found) throw new TypeError("MSAL asks outside of a request");
  return found;
}

async function askForToken(
  source: CredentialSource,
  { name, clientId, scope, options: { signal } }: {
    readonly name: string;
    readonly clientId: string | undefined;
    readonly scope: string;
    readonly options: TokenOptions;
  },
): Promise<AccessToken> {
  signal?.throwIfAborted();
  const last: Exchange = {};
  const http = metadataHttp(source.http);
  try {
    // Heavy: loaded when a token is needed.
    const { ManagedIdentityApplication } = await import("@azure/msal-node");
    const application = new ManagedIdentityApplication({
      ...(clientId ? { managedIdentityIdParams: { userAssignedClientId: clientId } } : {}),
      system: {
        networkClient: currentNetwork,
        loggerOptions: { loggerCallback: () => {}, piiLoggingEnabled: false },
      },
    });
    const asking = current.run(msalNetwork(http, last, signal), () =>
      application.acquireToken({
        resource: scope.replace(/\/\.default$/, ""),
        // Tokens are kept by us; the library's own memory would give a refused one again.
        forceRefresh: true,
      }));
    // Between its attempts the library waits without looking at the signal.
    const result = await (signal ? Promise.race([asking, aborted(signal)]) : asking);
    if (!result.accessToken || !result.expiresOn) throw new Error("MSAL gave no token");
    return { token: new Secret(result.accessToken), expiresOn: result.expiresOn.getTime() };
  } catch (error) {
    signal?.throwIfAborted();
    throw loginError(error, last, { credential: name });
  } finally {
    http.close();
  }
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) =>
    signal.addEventListener("abort", () => reject(signal.reason), { once: true })
  );
}

async function absence(source: CredentialSource): Promise<string | undefined> {
  const { env, cloud } = source;
  const served = ENDPOINTS.some((name) => env(name));
  const override = env(IMDS_OVERRIDE);
  // What Azure gives its own computers must not reach an emulator; one that names its own does.
  if (!cloud.builtIn && (served || !override)) {
    return `this computer's identity would be Azure's, not ${cloud.name}'s`;
  }
  if (served) return undefined;
  const url = URL.parse("/metadata/identity/oauth2/token", override || IMDS);
  if (!url) {
    throw bastionError("credential-broken", {
      credential: "managed-identity",
      problem: `${IMDS_OVERRIDE} is no address`,
      remedy: `Give it as http://HOST:PORT, or leave it out.`,
    });
  }
  const { status } = await probeOnce(source, url, probeTimeout(override));
  if (status === undefined) return "no metadata service of Azure's answers";
  // Without the header that it asks for, Azure's service refuses (400), when it is not asked too
  // often (429); other clouds' differ.
  const isAzure = status === 400 || status === 429;
  return isAzure ? undefined : "the metadata service here is not Azure's";
}

/**
 * A laptop has no metadata service, and must not wait for it longer, in ms. One that the user has
 * named may take its time, on a computer that has a hundred runs to begin.
 */
export function probeTimeout(named: string | undefined): number {
  return named ? 20_000 : 1_000;
}

interface Probed {
  /** Of the answer, where there was one. */
  readonly status?: number;
}

/** Many runs at once probe once: the service answers so many requests in a second, and no more. */
async function probeOnce(source: CredentialSource, url: URL, timeout: number): Promise<Probed> {
  const { platform, clock, log, memoryOnly } = source;
  const { createLookupCache } = await import("../../target/lookup_cache.ts");
  const lookups = createLookupCache({
    ...(memoryOnly ? {} : { path: `${platform.stateDirectory}/lookups.json` }),
    identity: hostname(),
    platform,
    clock,
    log,
  });
  const { value } = await lookups.get({
    key: ["metadata service", url.href],
    is: isProbed,
    lifetime: ({ status }) => status === undefined ? 0 : PROBE_LIFETIME,
    look: () => probe(source.http, url, timeout),
  });
  return value;
}

function isProbed(value: unknown): value is Probed {
  return isRecord(value) && ["number", "undefined"].includes(typeof value["status"]);
}

async function probe(httpClient: HttpClient, url: URL, timeout: number): Promise<Probed> {
  const http = metadataHttp(httpClient);
  try {
    const { status } = await http.request({ method: "GET", url, timeout });
    return { status };
  } catch {
    return {};
  } finally {
    http.close();
  }
}
