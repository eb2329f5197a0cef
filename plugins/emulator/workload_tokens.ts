/** Stands in for the services that tell Entra about a workload: GitHub Actions, Azure Pipelines. */

import type { IncomingMessage, ServerResponse } from "node:http";
import { readBody, sendJson } from "./http_body.ts";
import type { SecretRecord } from "./secret_record.ts";
import type { TokenSigner } from "./token_signer.ts";
import type { World } from "./world.ts";

export type WorkloadIssuer = "github" | "azure-pipelines";

export interface WorkloadTokens {
  handle(request: IncomingMessage, response: ServerResponse, url: URL): Promise<void>;
  /** What a workload finds in its environment; empty where no app trusts the issuer. */
  environment(issuer: WorkloadIssuer): Readonly<Record<string, string>>;
  /** A token about the workload, as the issuer would give it; for AZURE_FEDERATED_TOKEN_FILE. */
  issue(issuer: WorkloadIssuer, audience?: string): Promise<string>;
}

export const WORKLOAD_PATH = "/_workload/";
const DEFAULT_AUDIENCE = "api://AzureADTokenExchange";
/** Seconds. */
const LIFETIME = 300;

/** What stands in such tokens as their issuer. */
export function workloadIssuer(authority: string, issuer: WorkloadIssuer): string {
  return `${authority}${WORKLOAD_PATH}${issuer}`;
}

export function createWorkloadTokens(options: {
  readonly world: World;
  readonly signer: TokenSigner;
  readonly authority: string;
  readonly secrets: SecretRecord;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}): WorkloadTokens {
  const { world, signer, authority, secrets } = options;
  const requestToken = secrets.add(crypto.getRandomValues(new Uint8Array(24)).toHex());
  const trusting = (issuer: WorkloadIssuer) =>
    world.servicePrincipals.flatMap((one) =>
      one.federatedCredentials.flatMap((credential) =>
        credential.issuer === issuer ? [{ principal: one, subject: credential.subject }] : []
      )
    );

  async function issue(issuer: WorkloadIssuer, audience = DEFAULT_AUDIENCE): Promise<string> {
    const now = Math.floor(options.now() / 1000);
    return secrets.add(
      await signer.sign({
        iss: workloadIssuer(authority, issuer),
        sub: trusting(issuer)[0]?.subject ?? "nobody",
        aud: audience,
        iat: now,
        nbf: now,
        exp: now + LIFETIME,
        jti: crypto.randomUUID(),
      }),
    );
  }

  return {
    issue,
    async handle(request, response, url) {
      await readBody(request);
      const route = `${request.method} ${url.pathname.slice(WORKLOAD_PATH.length)}`;
      const isGithub = route === "GET github/token";
      if (!isGithub && route !== "POST azure-pipelines/oidctoken") {
        return sendJson(response, 404, { message: "There is no such issuer." });
      }
      if (request.headers.authorization?.toLowerCase() !== `bearer ${requestToken}`) {
        return sendJson(response, 401, { message: "The request token is wrong." });
      }
      if (isGithub) {
        const audience = url.searchParams.get("audience") ?? undefined;
        return sendJson(response, 200, { count: 1, value: await issue("github", audience) });
      }
      if (!url.searchParams.get("serviceConnectionId")) {
        return sendJson(response, 400, { message: "serviceConnectionId is missing." });
      }
      sendJson(response, 200, { oidcToken: await issue("azure-pipelines") });
    },
    environment(issuer) {
      const [first] = trusting(issuer);
      if (!first) return {};
      const { principal: { tenant, clientId } } = first;
      const base = workloadIssuer(authority, issuer);
      if (issuer === "github") {
        return {
          ACTIONS_ID_TOKEN_REQUEST_URL: `${base}/token?api-version=2.0`,
          ACTIONS_ID_TOKEN_REQUEST_TOKEN: requestToken,
          AZURE_TENANT_ID: tenant,
          AZURE_CLIENT_ID: clientId,
        };
      }
      return {
        SYSTEM_OIDCREQUESTURI: `${base}/oidctoken`,
        SYSTEM_ACCESSTOKEN: requestToken,
        AZURESUBSCRIPTION_TENANT_ID: tenant,
        AZURESUBSCRIPTION_CLIENT_ID: clientId,
        AZURESUBSCRIPTION_SERVICE_CONNECTION_ID: "0e0e0e0e-0000-4000-8000-00000000000e",
      };
    },
  };
}
