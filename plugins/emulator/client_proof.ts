/** Whether an app shows that it is itself: by a secret, a certificate, or somebody's word. */

import { ASSERTION_TYPE, assertionProblem } from "./client_assertion.ts";
import { federatedProblem } from "./federated_assertion.ts";
import type { ServicePrincipal } from "./identities.ts";
import { parseJwt } from "./jwt.ts";
import type { TokenSigner } from "./token_signer.ts";

export interface ClientProofOptions {
  readonly signer: TokenSigner;
  /** Base address of Entra. */
  readonly authority: string;
  /** The token endpoint's address, as the app has it, and as it is in full. */
  readonly audiences: readonly string[];
  /** Seconds since 1970. */
  readonly now: number;
}

/** What is wrong with the proof, with its AADSTS number; undefined where it is good. */
export async function clientProblem(
  form: URLSearchParams,
  principal: ServicePrincipal,
  options: ClientProofOptions,
): Promise<string | undefined> {
  const { audiences, now } = options;
  const assertion = form.get("client_assertion");
  if (assertion === null) {
    const secret = form.get("client_secret");
    if (secret === null) {
      return "AADSTS7000218: The request body must contain the following parameter: 'client_assertion' or 'client_secret'.";
    }
    return secret === principal.clientSecret
      ? undefined
      : `AADSTS7000215: Invalid client secret provided for app '${principal.clientId}'.`;
  }
  if (form.get("client_assertion_type") !== ASSERTION_TYPE) {
    return "AADSTS700027: Client assertion failed: its type is not known.";
  }
  const issuer = parseJwt(assertion)?.claims["iss"];
  const isFederated = principal.federatedCredentials.length > 0 &&
    issuer !== principal.clientId;
  if (isFederated) return await federatedProblem(assertion, principal, options);
  if (!principal.certificate) {
    return "AADSTS700027: Client assertion failed: no certificate is registered on application.";
  }
  return await assertionProblem(
    assertion,
    principal.certificate,
    principal.clientId,
    audiences,
    now,
  );
}
