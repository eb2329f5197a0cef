import { environmentCredential } from "../../core/auth/azure/environment_credential.ts";
import { workloadIdentityCredential } from "../../core/auth/azure/workload_identity_credential.ts";
import { CLI_PRINCIPAL, CLI_TENANT } from "../helpers/azure_cli_directory.ts";
import { credentialSource } from "../helpers/fake_entra.ts";
import { entraThat, lastTenantOf, prepared } from "../helpers/prepared_credential.ts";
import { tempDir } from "../helpers/temp_dir.ts";
import { credentialContract } from "./credential_contract.ts";

const SECRET = "planted~Secret.value";
const principal = { AZURE_TENANT_ID: CLI_TENANT, AZURE_CLIENT_ID: CLI_PRINCIPAL };

const elsewhere = { AZURE_AUTHORITY_HOST: "https://elsewhere.example" };

credentialContract("environment", {
  provider: environmentCredential,
  refusal: { code: "credential-refused", message: /AADSTS50076: no/, hint: /secret/ },
  async prepare(behaviour) {
    const entra = entraThat(behaviour, "invalid_client");
    const env = behaviour === "absent" ? {} : { ...principal, AZURE_CLIENT_SECRET: SECRET };
    const source = credentialSource(
      entra.authority,
      behaviour === "other-cloud" ? { ...env, ...elsewhere } : env,
    );
    const requests = () => entra.forms.length;
    const lastTenant = lastTenantOf(entra);
    return await Promise.resolve(
      prepared({ source, secrets: [SECRET], requests, lastTenant }, entra, source),
    );
  },
});

const ID_TOKEN = "planted-id-token-of-the-job";
const BEARER = "planted-bearer-of-the-job";
const ISSUERS: Record<string, (origin: string, file: string) => Record<string, string>> = {
  "token file": (_origin, file) => ({ ...principal, AZURE_FEDERATED_TOKEN_FILE: file }),
  "GitHub": (origin) => ({
    ...principal,
    ACTIONS_ID_TOKEN_REQUEST_URL: `${origin}/github?job=1`,
    ACTIONS_ID_TOKEN_REQUEST_TOKEN: BEARER,
  }),
  "Azure Pipelines": (origin) => ({
    AZURESUBSCRIPTION_TENANT_ID: CLI_TENANT,
    AZURESUBSCRIPTION_CLIENT_ID: CLI_PRINCIPAL,
    AZURESUBSCRIPTION_SERVICE_CONNECTION_ID: "connection",
    SYSTEM_OIDCREQUESTURI: `${origin}/pipelines`,
    SYSTEM_ACCESSTOKEN: BEARER,
  }),
};

/** The issuers' own services: strict, since a request that they refuse brings no token. */
function issue(request: Request): Response {
  const { pathname, search } = new URL(request.url);
  if (request.headers.get("Authorization") !== `Bearer ${BEARER}`) {
    return new Response(null, { status: 401 });
  }
  switch (`${request.method} ${pathname}${search}`) {
    case "GET /github?job=1&audience=api%3A%2F%2FAzureADTokenExchange":
      return Response.json({ value: ID_TOKEN });
    case "POST /pipelines?api-version=7.1&serviceConnectionId=connection":
      return Response.json({ oidcToken: ID_TOKEN });
    default:
      return new Response("odd", { status: 400 });
  }
}

for (const [issuer, variables] of Object.entries(ISSUERS)) {
  credentialContract(`workload-identity (${issuer})`, {
    provider: workloadIdentityCredential,
    refusal: { code: "credential-refused", message: /AADSTS50076: no/, hint: /tenant/ },
    async prepare(behaviour) {
      const directory = await tempDir();
      await Deno.writeTextFile(directory.file("token"), `${ID_TOKEN}\n`);
      const entra = entraThat(behaviour, "invalid_client", issue);
      const env = behaviour === "absent" ? {} : variables(entra.authority, directory.file("token"));
      const source = credentialSource(
        entra.authority,
        behaviour === "other-cloud" ? { ...env, ...elsewhere } : env,
      );
      const secrets = [ID_TOKEN, BEARER];
      const requests = () => entra.forms.length;
      const lastTenant = lastTenantOf(entra);
      return prepared({ source, secrets, requests, lastTenant }, directory, entra, source);
    },
  });
}
