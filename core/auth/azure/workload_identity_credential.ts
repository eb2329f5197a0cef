/**
 * Workload identity federation: a token of Kubernetes, GitHub or Azure Pipelines stands for the
 * application's secret.
 */

import { bastionError, messageOf } from "../../errors.ts";
import { isRecord } from "../../record.ts";
import { printable, Secret } from "../../secret.ts";
import type { CredentialProvider, CredentialSource } from "./credential.ts";
import { foreignAuthority } from "./foreign_authority.ts";

/** Where the token that Entra is to trust comes from. */
interface Issuer {
  /** As `GitHub`. */
  readonly name: string;
  readonly tenant: string | undefined;
  readonly client: string | undefined;
  /** The variables that name tenant and client. */
  readonly needs: string;
  issue(): Promise<string>;
}

export const workloadIdentityCredential: CredentialProvider = {
  name: "workload-identity",
  async create(source) {
    const issuer = issuerOf(source);
    if (!issuer) {
      return {
        absent: "no AZURE_FEDERATED_TOKEN_FILE, and no job of GitHub's or Azure Pipelines' with " +
          "permission for an id token",
      };
    }
    const { name, tenant, client, needs, issue } = issuer;
    if (!tenant || !client) return { absent: `${name} issues tokens, but ${needs} are not set` };
    const foreign = foreignAuthority(source);
    if (foreign) return { absent: foreign };
    const { servicePrincipal } = await import("./service_principal.ts");
    return await servicePrincipal(source, {
      name: `workload-identity (${name}, client ${printable(client, 60)})`,
      tenant,
      client,
      proof: { assertion: issue },
    });
  },
};

function issuerOf(source: CredentialSource): Issuer | undefined {
  const { env } = source;
  const azure = {
    tenant: env("AZURE_TENANT_ID"),
    client: env("AZURE_CLIENT_ID"),
    needs: "AZURE_TENANT_ID and AZURE_CLIENT_ID",
  };
  const file = env("AZURE_FEDERATED_TOKEN_FILE");
  if (file) return { ...azure, name: "token file", issue: () => readTokenFile(file) };

  const github = env("ACTIONS_ID_TOKEN_REQUEST_URL");
  const githubToken = env("ACTIONS_ID_TOKEN_REQUEST_TOKEN");
  if (github && githubToken) {
    const bearer = new Secret(githubToken);
    return { ...azure, name: "GitHub", issue: () => askGitHub(source, github, bearer) };
  }

  const pipelines = env("SYSTEM_OIDCREQUESTURI");
  const pipelinesToken = env("SYSTEM_ACCESSTOKEN");
  const connection = env("AZURESUBSCRIPTION_SERVICE_CONNECTION_ID");
  if (pipelines && pipelinesToken && connection) {
    const bearer = new Secret(pipelinesToken);
    return {
      name: "Azure Pipelines",
      tenant: env("AZURESUBSCRIPTION_TENANT_ID") || azure.tenant,
      client: env("AZURESUBSCRIPTION_CLIENT_ID") || azure.client,
      needs: "AZURESUBSCRIPTION_TENANT_ID and AZURESUBSCRIPTION_CLIENT_ID",
      issue: () => askPipelines(source, pipelines, bearer, connection),
    };
  }
  return undefined;
}

/** Kubernetes renews the file, so that it is read each time. */
async function readTokenFile(file: string): Promise<string> {
  try {
    const { isFile, size } = await Deno.stat(file);
    if (!isFile || size > 64 * 1024) throw new Error("it holds no token");
    const token = (await Deno.readTextFile(file)).trim();
    new Secret(token);
    return token;
  } catch (error) {
    throw bastionError("file-failed", { file, action: "read", problem: messageOf(error) }, error);
  }
}

async function askGitHub(source: CredentialSource, url: string, bearer: Secret): Promise<string> {
  const address = requestAddress("ACTIONS_ID_TOKEN_REQUEST_URL", url);
  address.searchParams.set("audience", AUDIENCE + (AUDIENCE_ENDS[source.cloud.name] ?? ""));
  return await askIssuer(source, "GitHub", "GET", address, bearer, "value");
}

async function askPipelines(
  source: CredentialSource,
  url: string,
  bearer: Secret,
  connection: string,
): Promise<string> {
  const address = requestAddress("SYSTEM_OIDCREQUESTURI", url);
  address.searchParams.set("api-version", "7.1");
  address.searchParams.set("serviceConnectionId", connection);
  return await askIssuer(source, "Azure Pipelines", "POST", address, bearer, "oidcToken");
}

/** What Entra wants such a token to be for; the national clouds have it with their own end. */
const AUDIENCE = "api://AzureADTokenExchange";
const AUDIENCE_ENDS: Readonly<Record<string, string>> = {
  AzureUSGovernment: "USGov",
  AzureChinaCloud: "China",
};

function requestAddress(variable: string, text: string): URL {
  const url = URL.parse(text);
  if (url?.protocol === "https:") return url;
  throw bastionError("credential-broken", {
    credential: "workload-identity",
    problem: `${variable} is not an https:// address`,
    remedy: "The job's runner sets it; do not change it.",
  });
}

async function askIssuer(
  source: CredentialSource,
  name: string,
  method: "GET" | "POST",
  url: URL,
  bearer: Secret,
  field: string,
): Promise<string> {
  const answer = await source.http.request({
    method,
    url,
    headers: {
      Accept: "application/json",
      Authorization: `Bearer ${bearer.reveal()}`,
      // Azure Pipelines would lead to its sign-in page in place of a refusal.
      "X-TFS-FedAuthRedirect": "Suppress",
    },
    ...(method === "POST" ? { body: "" } : {}),
  });
  try {
    const document: unknown = JSON.parse(answer.text());
    const token = isRecord(document) ? document[field] : undefined;
    if (answer.status === 200 && typeof token === "string" && token !== "") {
      new Secret(token);
      return token;
    }
  } catch {
    // Said below.
  }
  throw bastionError("credential-broken", {
    credential: "workload-identity",
    problem: `${name} issued no token (HTTP ${answer.status})`,
    remedy: "The job needs the permission id-token: write (GitHub), or the service connection.",
  });
}
