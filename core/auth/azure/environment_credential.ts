/** A service principal from Azure's environment variables, by `@azure/identity`. */

import { bastionError, isBastionError, messageOf } from "../../errors.ts";
import type { HttpClient, HttpResponse } from "../../net/http_client.ts";
import { isRecord } from "../../record.ts";
import { printable, Secret } from "../../secret.ts";
import type { AzureCredential, CredentialProvider, CredentialSource } from "./credential.ts";

export const environmentCredential: CredentialProvider = {
  name: "environment",
  async create(source) {
    const tenant = source.env("AZURE_TENANT_ID");
    const client = source.env("AZURE_CLIENT_ID");
    const secret = source.env("AZURE_CLIENT_SECRET");
    const certificate = source.env("AZURE_CLIENT_CERTIFICATE_PATH");
    const proof = secret ? { secret } : certificate ? { certificate } : undefined;
    if (tenant && client && proof) return await servicePrincipal(source, tenant, client, proof);
    const missing = [
      tenant ? [] : ["AZURE_TENANT_ID"],
      client ? [] : ["AZURE_CLIENT_ID"],
      proof ? [] : ["AZURE_CLIENT_SECRET or AZURE_CLIENT_CERTIFICATE_PATH"],
    ].flat();
    return { absent: `${missing.join(", ")} not set` };
  },
};

/** By what the service principal shows that it is itself; a certificate is a file's path. */
type Proof = { readonly secret: string } | { readonly certificate: string };

async function servicePrincipal(
  source: CredentialSource,
  tenant: string,
  client: string,
  proof: Proof,
): Promise<AzureCredential> {
  const name = `environment (service principal ${printable(client, 60)})`;
  const password = source.env("AZURE_CLIENT_CERTIFICATE_PASSWORD");
  // Registered, so that no error or log of the library can show it.
  if ("secret" in proof) new Secret(proof.secret);
  if (password) new Secret(password);
  // Heavy: loaded when a token is needed.
  const { ClientAssertionCredential, ClientSecretCredential } = await import("@azure/identity");
  const { pipelineHttpClient } = await import("../../azure/pipeline_http_client.ts");
  const { clientAssertion } = await import("./client_assertion.ts");
  const { authority } = source.cloud;
  const last: Exchange = {};
  const options = {
    authorityHost: authority,
    // Other clouds are not in the public cloud's list of them.
    disableInstanceDiscovery: true,
    httpClient: pipelineHttpClient(observed(source.http, last)),
    retryOptions: { maxRetries: 2 },
    // A form with a secret in it goes nowhere but where the cloud says.
    redirectOptions: { maxRetries: 0 },
  };
  const assertion = (file: string) => {
    const audience = `${authority}/${tenant}/oauth2/v2.0/token`;
    return clientAssertion({ file, password, client, audience }, new Date());
  };
  const create = () =>
    "secret" in proof
      ? new ClientSecretCredential(tenant, client, proof.secret, options)
      : new ClientAssertionCredential(tenant, client, () => assertion(proof.certificate), options);
  try {
    let credential = create();
    return {
      name,
      async getToken(scope, { signal, fresh = false } = {}) {
        signal?.throwIfAborted();
        // The library keeps tokens itself, and only a credential that is new has none.
        if (fresh) credential = create();
        forget(last);
        try {
          const token = await credential.getToken(scope, signal ? { abortSignal: signal } : {});
          return { token: new Secret(token.token), expiresOn: token.expiresOnTimestamp };
        } catch (error) {
          signal?.throwIfAborted();
          throw refused(name, error, last);
        }
      },
    };
  } catch (error) {
    throw refused(name, error, last);
  }
}

/** How the library's last exchange ended: of some failures it does not tell the cause. */
interface Exchange {
  failure?: unknown;
  answer?: HttpResponse | undefined;
}

function observed(http: HttpClient, last: Exchange): HttpClient {
  return {
    close: http.close,
    async request(request) {
      forget(last);
      try {
        return last.answer = await http.request(request);
      } catch (error) {
        last.failure = error;
        throw error;
      }
    },
  };
}

function forget(last: Exchange): void {
  last.failure = undefined;
  last.answer = undefined;
}

/** A network error says so itself; all else is Entra's word, or the library's. */
function refused(credential: string, error: unknown, last: Exchange): Error {
  for (let inner = error; inner instanceof Error; inner = inner.cause) {
    if (isBastionError(inner)) return inner;
  }
  if (isBastionError(last.failure)) return last.failure;
  const reason = printable(reasonIn(last.answer) ?? messageOf(error)) || "no reason was given";
  return bastionError("credential-refused", { credential, reason }, error);
}

/** What a refusal of Entra's says, of which the first line is for people. */
function reasonIn(answer: HttpResponse | undefined): string | undefined {
  if (!answer || answer.status === 200) return undefined;
  try {
    const document: unknown = JSON.parse(answer.text());
    const { error_description: text, error: code } = isRecord(document) ? document : {};
    const said = [text, code].find((part) => typeof part === "string" && part !== "");
    if (said) return String(said).split(/\s*[\r\n]|\s+Trace ID:/, 1)[0];
  } catch {
    // A proxy's page, or a portal's.
  }
  return `HTTP ${answer.status}, with nothing that Entra would say`;
}
