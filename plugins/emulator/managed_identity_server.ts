/**
 * The metadata service of a VM (IMDS), and App Service's endpoint beside it: plain HTTP on the
 * loopback address, as both are, since nobody else can reach them.
 */

import http from "node:http";
import type { AccessTokens } from "./access_tokens.ts";
import type { Faults } from "./faults.ts";
import { sendJson } from "./http_body.ts";
import type { ManagedIdentity } from "./identities.ts";
import { latency } from "./latency.ts";
import { failRequest } from "./reply_fault.ts";
import { RESOURCE_MANAGER, VM_SIGN_IN } from "./token_audiences.ts";
import { sameName } from "./resource_id.ts";
import type { SecretRecord } from "./secret_record.ts";
import type { Stats } from "./stats.ts";
import type { World } from "./world.ts";

export interface ManagedIdentityOptions {
  readonly world: World;
  readonly tokens: AccessTokens;
  readonly secrets: SecretRecord;
  readonly faults: Faults;
  readonly stats: Stats;
  readonly signal: AbortSignal;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

export interface ManagedIdentityAddresses {
  /** Base address of the metadata service, for AZURE_POD_IDENTITY_AUTHORITY_HOST. */
  readonly imds: string;
  /** App Service's: IDENTITY_ENDPOINT and IDENTITY_HEADER. */
  readonly appService: Readonly<Record<"IDENTITY_ENDPOINT" | "IDENTITY_HEADER", string>>;
}

interface Refusal {
  readonly error: string;
  readonly description: string;
}

const IMDS_PATH = "/metadata/identity/oauth2/token";
const APP_SERVICE_PATH = "/msi/token";

export async function openManagedIdentityServer(
  options: ManagedIdentityOptions,
): Promise<ManagedIdentityAddresses & { close(): Promise<void> }> {
  const { tokens, faults, stats, signal } = options;
  const identities = options.world.managedIdentities;
  const header = options.secrets.add(crypto.randomUUID());

  async function answer(
    request: http.IncomingMessage,
    response: http.ServerResponse,
  ): Promise<void> {
    stats.managedIdentityRequests++;
    const url = URL.parse(request.url ?? "", "http://emulator");
    const strike = faults.strike("imds", undefined, url?.pathname);
    if (!await latency(strike.latency, signal)) return;
    if (strike.fault) return failRequest(strike.fault, response);
    // MSAL ends an address that it has from the environment with a slash.
    const isImds = url?.pathname.replace(/\/$/, "") === IMDS_PATH;
    if (!url || request.method !== "GET" || !(isImds || url.pathname === APP_SERVICE_PATH)) {
      return sendJson(response, 404, { error: "not_found" });
    }
    const refusal = isImds ? imdsProblem(request, url) : appServiceProblem(request, url);
    const resource = (url.searchParams.get("resource") ?? "").replace(/\/+$/, "");
    const found = refusal ?? resourceProblem(resource) ?? find(url.searchParams);
    if ("error" in found) {
      const { error, description } = found;
      return sendJson(response, 400, { error, error_description: description });
    }
    const { token, expiresIn } = await tokens.issue({
      principal: found,
      tenant: found.tenant,
      clientId: found.clientId,
    }, resource);
    const now = Math.floor(options.now() / 1000);
    sendJson(response, 200, {
      access_token: token,
      client_id: found.clientId,
      ...(isImds ? { expires_in: String(expiresIn), ext_expires_in: String(expiresIn) } : {}),
      expires_on: String(now + expiresIn),
      not_before: String(now),
      resource,
      token_type: "Bearer",
    });
  }

  function find(asked: URLSearchParams): ManagedIdentity | Refusal {
    const clientId = asked.get("client_id");
    const objectId = asked.get("object_id") ?? asked.get("principal_id");
    const resourceId = asked.get("msi_res_id") ?? asked.get("mi_res_id");
    if (clientId ?? objectId ?? resourceId) {
      return identities.find((one) =>
        sameName(one.clientId, clientId ?? "") || sameName(one.objectId, objectId ?? "") ||
        (one.resourceId !== undefined && sameName(one.resourceId, resourceId ?? ""))
      ) ?? invalid("Identity not found");
    }
    const system = identities.find(({ resourceId: id }) => id === undefined);
    const [only, ...more] = identities;
    if (system) return system;
    if (only && more.length === 0) return only;
    return invalid(
      "Multiple user assigned identities exist, please specify the clientId / resourceId of the identity in the token request",
    );
  }

  function appServiceProblem(request: http.IncomingMessage, url: URL): Refusal | undefined {
    if (request.headers["x-identity-header"] !== header) {
      return invalid("The header X-IDENTITY-HEADER is missing or wrong.");
    }
    return url.searchParams.get("api-version") === "2019-08-01"
      ? undefined
      : invalid("The api-version is not supported.");
  }

  const server = http.createServer((request, response) => {
    answer(request, response).catch(() => request.socket.destroy());
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => resolve());
  });
  const address = server.address();
  if (address === null || typeof address === "string") throw new TypeError("no TCP listener");
  const imds = `http://127.0.0.1:${address.port}`;
  return {
    imds,
    appService: { IDENTITY_ENDPOINT: `${imds}${APP_SERVICE_PATH}`, IDENTITY_HEADER: header },
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}

function imdsProblem({ headers }: http.IncomingMessage, url: URL): Refusal | undefined {
  if (headers["metadata"]?.toString().toLowerCase() !== "true") {
    return invalid("Required metadata header not specified");
  }
  // What a proxy has forwarded may come from anywhere.
  if (headers["x-forwarded-for"] !== undefined) {
    return invalid("The request was forwarded by a proxy, and is refused.");
  }
  return url.searchParams.get("api-version")
    ? undefined
    : invalid("Required query variable 'api-version' is missing");
}

function resourceProblem(resource: string): Refusal | undefined {
  if (resource === RESOURCE_MANAGER || resource === VM_SIGN_IN) return undefined;
  return {
    error: "invalid_resource",
    description: `AADSTS500011: The resource principal named ${
      resource || "(none)"
    } was not found in the tenant.`,
  };
}

function invalid(description: string): Refusal {
  return { error: "invalid_request", description };
}
