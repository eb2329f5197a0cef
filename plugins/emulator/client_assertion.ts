/** Checks the signed statement by which a service principal with a certificate signs in. */

import "reflect-metadata";
import { X509Certificate } from "@peculiar/x509";
import { hasSignatureOf, jwtAlgorithm, parseJwt } from "./jwt.ts";

export const ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/**
 * Why the assertion is not the client's; undefined where it is.
 * @param certificate PEM
 * @param audiences the token endpoint's address, in each of its spellings
 * @param now seconds since 1970
 */
export async function assertionProblem(
  assertion: string,
  certificate: string,
  clientId: string,
  audiences: readonly string[],
  now: number,
): Promise<string | undefined> {
  const jwt = parseJwt(assertion);
  if (!jwt) return "AADSTS50027: JWT token is invalid or malformed.";
  const algorithm = jwtAlgorithm(jwt.header["alg"]);
  if (!algorithm) return "AADSTS5002738: The algorithm of the client assertion is not supported.";
  let key: CryptoKey;
  try {
    key = await new X509Certificate(certificate).publicKey.export(algorithm, ["verify"]);
  } catch {
    return "AADSTS700027: The certificate on the app cannot verify client assertions: it needs an RSA key.";
  }
  if (!await hasSignatureOf(jwt, key)) {
    return "AADSTS700027: The certificate with identifier used to sign the client assertion is not registered on application.";
  }
  const { iss, sub, aud, exp, nbf } = jwt.claims;
  if (iss !== clientId || sub !== clientId) {
    return "AADSTS700021: Client assertion application identifier doesn't match 'client_id' parameter.";
  }
  if (typeof aud !== "string" || !audiences.includes(aud)) {
    return `AADSTS50013: Assertion failed: audience must be ${audiences[0]}.`;
  }
  const isCurrent = typeof exp === "number" && exp > now &&
    (nbf === undefined || (typeof nbf === "number" && nbf <= now + 300));
  if (!isCurrent) return "AADSTS700024: Client assertion is not within its valid time range.";
  return undefined;
}
