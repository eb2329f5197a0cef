/** The one key by which the emulated Entra, and the emulator's other issuers, sign. */

import { base64Url, hasSignatureOf, type JsonObject, type Jwt, parseJwt, signJwt } from "./jwt.ts";

export interface TokenSigner {
  /** The public key, as a JWK set. */
  readonly keys: unknown;
  sign(claims: JsonObject): Promise<string>;
  /** The token's parts, if it was signed here. */
  verify(token: string): Promise<Jwt | undefined>;
}

export async function createTokenSigner(): Promise<TokenSigner> {
  const pair = await crypto.subtle.generateKey(
    {
      name: "RSASSA-PKCS1-v1_5",
      hash: "SHA-256",
      modulusLength: 2048,
      publicExponent: new Uint8Array([1, 0, 1]),
    },
    false,
    ["sign", "verify"],
  );
  const { kty, n, e } = await crypto.subtle.exportKey("jwk", pair.publicKey);
  const kid = base64Url(crypto.getRandomValues(new Uint8Array(20)));
  return {
    keys: { keys: [{ kty, n, e, kid, x5t: kid, use: "sig", alg: "RS256" }] },
    sign: (claims) => signJwt({ typ: "JWT", kid, x5t: kid }, claims, pair.privateKey),
    async verify(token) {
      const jwt = parseJwt(token);
      return jwt && await hasSignatureOf(jwt, pair.publicKey) ? jwt : undefined;
    },
  };
}
