/** Checks what another issuer says of a workload: federated sign-in, without any secret. */

import type { FederatedCredential, ServicePrincipal } from "./identities.ts";
import { hasSignatureOf, jwtAlgorithm, parseJwt } from "./jwt.ts";
import type { TokenSigner } from "./token_signer.ts";
import { workloadIssuer } from "./workload_tokens.ts";

export async function federatedProblem(
  assertion: string,
  { federatedCredentials }: ServicePrincipal,
  { signer, authority, now }: {
    readonly signer: TokenSigner;
    readonly authority: string;
    readonly now: number;
  },
): Promise<string | undefined> {
  const jwt = parseJwt(assertion);
  if (!jwt) return "AADSTS50027: JWT token is invalid or malformed.";
  const { iss, sub, aud, exp } = jwt.claims;
  const issuerOf = ({ issuer }: FederatedCredential) =>
    issuer === "github" || issuer === "azure-pipelines"
      ? workloadIssuer(authority, issuer)
      : issuer;
  const ofIssuer = federatedCredentials.filter((one) => issuerOf(one) === iss);
  if (ofIssuer.length === 0) {
    return `AADSTS700211: No matching federated identity record found for presented assertion issuer '${iss}'.`;
  }
  const ofSubject = ofIssuer.filter(({ subject }) => subject === sub);
  if (ofSubject.length === 0) {
    return `AADSTS700213: No matching federated identity record found for presented assertion subject '${sub}'.`;
  }
  const credential = ofSubject.find(({ audience }) => [aud].flat().includes(audience));
  if (!credential) {
    return `AADSTS700212: No matching federated identity record found for presented assertion audience '${aud}'.`;
  }
  const isSigned = "key" in credential
    ? await isSignedBy(assertion, credential.key)
    : await signer.verify(assertion) !== undefined;
  if (!isSigned) return "AADSTS50013: Assertion failed signature validation.";
  if (typeof exp !== "number" || exp <= now) {
    return "AADSTS700024: Client assertion is not within its valid time range.";
  }
  return undefined;
}

async function isSignedBy(
  assertion: string,
  { kty, n, e }: { readonly kty: string; readonly n: string; readonly e: string },
): Promise<boolean> {
  const jwt = parseJwt(assertion);
  const algorithm = jwtAlgorithm(jwt?.header["alg"]);
  if (!jwt || !algorithm) return false;
  try {
    const key = await crypto.subtle.importKey("jwk", { kty, n, e }, algorithm, false, ["verify"]);
    return await hasSignatureOf(jwt, key);
  } catch {
    return false;
  }
}
