/** A service principal from Azure's environment variables, by `@azure/identity`. */

import { bastionError, isBastionError } from "../../errors.ts";
import { printable, redact, Secret } from "../../secret.ts";
import type { AzureCredential, CredentialProvider, CredentialSource } from "./credential.ts";

export const environmentCredential: CredentialProvider = {
  name: "environment",
  async create(source) {
    const tenant = source.env("AZURE_TENANT_ID");
    const client = source.env("AZURE_CLIENT_ID");
    const secret = source.env("AZURE_CLIENT_SECRET");
    const certificate = source.env("AZURE_CLIENT_CERTIFICATE_PATH");
    const missing = [
      tenant ? [] : ["AZURE_TENANT_ID"],
      client ? [] : ["AZURE_CLIENT_ID"],
      secret || certificate ? [] : ["AZURE_CLIENT_SECRET or AZURE_CLIENT_CERTIFICATE_PATH"],
    ].flat();
    if (!tenant || !client || missing.length > 0) {
      return { absent: `${missing.join(", ")} not set` };
    }
    return await servicePrincipal(source, tenant, client, secret, certificate);
  },
};

async function servicePrincipal(
  source: CredentialSource,
  tenant: string,
  client: string,
  secret: string | undefined,
  certificate: string | undefined,
): Promise<AzureCredential> {
  const name = `environment (service principal ${printable(client, 60)})`;
  // Registered, so that no error or log of the library can show it.
  if (secret) new Secret(secret);
  // Heavy: loaded when a token is needed.
  const identity = await import("@azure/identity");
  const { pipelineHttpClient } = await import("../../azure/pipeline_http_client.ts");
  const options = {
    authorityHost: source.cloud.authority,
    // Other clouds are not in the public cloud's list of them.
    disableInstanceDiscovery: true,
    httpClient: pipelineHttpClient(source.http),
    retryOptions: { maxRetries: 2 },
    // A form with a secret in it goes nowhere but where the cloud says.
    redirectOptions: { maxRetries: 0 },
  };
  const password = source.env("AZURE_CLIENT_CERTIFICATE_PASSWORD");
  if (password) new Secret(password);
  const create = () =>
    secret
      ? new identity.ClientSecretCredential(tenant, client, secret, options)
      : new identity.ClientCertificateCredential(tenant, client, {
        certificatePath: certificate ?? "",
        ...(password ? { certificatePassword: password } : {}),
      }, options);
  try {
    let credential = create();
    return {
      name,
      async getToken(scope, { signal, fresh = false } = {}) {
        // The library keeps tokens itself, and only a credential that is new has none.
        if (fresh) credential = create();
        try {
          const token = await credential.getToken(scope, signal ? { abortSignal: signal } : {});
          return { token: new Secret(token.token), expiresOn: token.expiresOnTimestamp };
        } catch (error) {
          signal?.throwIfAborted();
          throw refused(name, error);
        }
      },
    };
  } catch (error) {
    throw refused(name, error);
  }
}

/** A network error says so itself; all else is Entra's word, of which the first line is for people. */
function refused(credential: string, error: unknown): Error {
  for (let inner = error; inner instanceof Error; inner = inner.cause) {
    if (isBastionError(inner)) return inner;
  }
  const text = error instanceof Error ? error.message : String(error);
  const reason = /AADSTS\d+:[^\r\n]*/.exec(text)?.[0] ?? text.split(/\r?\n/, 1)[0] ?? "";
  return bastionError("credential-refused", {
    credential,
    reason: printable(redact(reason), 300) || "no reason was given",
  }, error);
}
