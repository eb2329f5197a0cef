/** A service principal: an application that signs in as itself, by `@azure/identity`. */

import { createHash } from "node:crypto";
import { bastionError } from "../../errors.ts";
import { readSmallText } from "../../read_small_text.ts";
import { printable, Secret } from "../../secret.ts";
import type { AzureCredential, CredentialSource } from "./credential.ts";
import { formHttp } from "./form_http.ts";
import { loginError } from "./login/login_error.ts";
import type { Exchange } from "./login/msal_network.ts";
import { observedHttp } from "./observed_http.ts";

/** By what a service principal shows that it is itself. */
export type Proof =
  | { readonly secret: Secret }
  /** PEM with certificate and RSA key; read anew every time, since it may be renewed. */
  | { readonly certificateFile: string; readonly password?: Secret }
  /** A token of an issuer that the application trusts. */
  | { readonly assertion: () => Promise<string> };

export interface ServicePrincipal {
  /** As `environment (service principal 0f3c…)`. */
  readonly name: string;
  /** Id or domain. */
  readonly tenant: string;
  readonly client: string;
  readonly proof: Proof;
}

/** Tenants and clients are ids or domains; anything else has no place in a URL. */
const ID = /^[\w.-]+$/;

/** @throws BastionError `credential-refused` for ids that cannot be any */
export async function servicePrincipal(
  source: Pick<CredentialSource, "cloud" | "http" | "clock">,
  principal: ServicePrincipal,
): Promise<AzureCredential> {
  const { name, tenant: home, client, proof } = principal;
  const check = (what: string, id: string) => {
    if (ID.test(id)) return;
    const reason = `${what} ${printable(id, 60)} cannot be one`;
    throw bastionError("credential-refused", { credential: name, reason });
  };
  check("the tenant", home);
  check("the client id", client);
  const proved = await fingerprint(proof, [source.cloud.authority, home, client]);
  return {
    name,
    tenant: home,
    ...(proved === undefined
      ? {}
      : { cacheKey: ["service-principal", home, client, proved].join(" ") }),
    async getToken(scope, { signal, tenant = home, form } = {}) {
      signal?.throwIfAborted();
      check("the tenant", tenant);
      const last: Exchange = {};
      // The library does not hand signals on to its requests.
      const http = observedHttp(formHttp(source.http, form), last, signal);
      try {
        const credential = await load({ ...source, http }, principal, tenant);
        const token = await credential.getToken(scope);
        return { token: new Secret(token.token), expiresOn: token.expiresOnTimestamp };
      } catch (error) {
        signal?.throwIfAborted();
        throw loginError(error, last, { credential: name });
      }
    },
  };
}

/**
 * The library's credential. It is heavy, and not needed while kept tokens are good; and it is made
 * anew for each token, since it would keep tokens itself and give again what was refused.
 */
async function load(
  { cloud: { authority }, http, clock }: Pick<CredentialSource, "cloud" | "http" | "clock">,
  { client, proof, tenant: home }: ServicePrincipal,
  asked: string,
) {
  const { ClientAssertionCredential, ClientSecretCredential } = await import("@azure/identity");
  const { pipelineHttpClient } = await import("../../azure/pipeline_http_client.ts");
  // AD FS, as Azure Stack has it, has one tenant, and its name is in the tenant's place.
  const [, adfsHost] = /^(.*)\/adfs$/i.exec(authority) ?? [];
  const host = adfsHost ?? authority;
  const tenant = adfsHost === undefined && home !== "adfs" ? asked : "adfs";
  const options = {
    authorityHost: host,
    // Other clouds are not in the public cloud's list of them.
    disableInstanceDiscovery: true,
    httpClient: pipelineHttpClient(http),
    retryOptions: { maxRetries: 2 },
    // A form with a secret in it goes nowhere but where the cloud says.
    redirectOptions: { maxRetries: 0 },
  };
  return "secret" in proof
    ? new ClientSecretCredential(tenant, client, proof.secret.reveal(), options)
    : new ClientAssertionCredential(
      tenant,
      client,
      () => prove(proof, { host, tenant, client, now: clock.date() }),
      options,
    );
}

async function prove(
  proof: Exclude<Proof, { readonly secret: Secret }>,
  { host, tenant, client, now }: {
    readonly host: string;
    readonly tenant: string;
    readonly client: string;
    readonly now: Date;
  },
): Promise<string> {
  if ("assertion" in proof) return await proof.assertion();
  const { clientAssertion } = await import("./client_assertion.ts");
  return await clientAssertion({
    file: proof.certificateFile,
    password: proof.password?.reveal(),
    client,
    audience: `${host}/${tenant}/oauth2/${tenant === "adfs" ? "" : "v2.0/"}token`,
  }, now);
}

/**
 * Tells one proof from another, so that a token that was had by an old secret is not used with a
 * new one. Who it is salts the hash; undefined where the proof cannot be read.
 */
async function fingerprint(proof: Proof, salt: readonly string[]): Promise<string | undefined> {
  if ("assertion" in proof) return "federated";
  let shown: string;
  try {
    shown = "secret" in proof
      ? proof.secret.reveal()
      : await readSmallText(proof.certificateFile, 1024 * 1024);
  } catch {
    return undefined;
  }
  return createHash("sha256").update(JSON.stringify(["bastion", ...salt])).update(shown)
    .digest("hex");
}
