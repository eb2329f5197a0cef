/** JSON web tokens (RFC 7519) in the two RSA algorithms that Entra and its clients use. */

export type JsonObject = Readonly<Record<string, unknown>>;

export interface Jwt {
  readonly header: JsonObject;
  readonly claims: JsonObject;
  readonly signature: Uint8Array<ArrayBuffer>;
  /** What the signature is about. */
  readonly signed: Uint8Array<ArrayBuffer>;
}

const algorithms = {
  RS256: { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" },
  PS256: { name: "RSA-PSS", hash: "SHA-256", saltLength: 32 },
} as const;

export type JwtAlgorithm = keyof typeof algorithms;

/** The Web Crypto algorithm of a header's `alg`; undefined for any that is not taken. */
export function jwtAlgorithm(name: unknown): (typeof algorithms)[JwtAlgorithm] | undefined {
  return name === "RS256" || name === "PS256" ? algorithms[name] : undefined;
}

/** Signs with RS256. */
export async function signJwt(
  header: JsonObject,
  claims: JsonObject,
  key: CryptoKey,
): Promise<string> {
  const signed = `${encode({ ...header, alg: "RS256" })}.${encode(claims)}`;
  const signature = await crypto.subtle.sign(
    algorithms.RS256,
    key,
    new TextEncoder().encode(signed),
  );
  return `${signed}.${base64Url(new Uint8Array(signature))}`;
}

/** The parts of a token, nothing verified; undefined where it is none. */
export function parseJwt(token: string): Jwt | undefined {
  const [header, claims, signature, ...more] = token.split(".");
  if (header === undefined || claims === undefined || signature === undefined || more.length > 0) {
    return undefined;
  }
  try {
    return {
      header: decode(header),
      claims: decode(claims),
      signature: fromBase64Url(signature),
      signed: new TextEncoder().encode(`${header}.${claims}`),
    };
  } catch {
    return undefined;
  }
}

/** Whether the signature is the key's; `key` is for the header's algorithm. */
export async function hasSignatureOf(jwt: Jwt, key: CryptoKey): Promise<boolean> {
  const algorithm = jwtAlgorithm(jwt.header["alg"]);
  if (!algorithm || algorithm.name !== key.algorithm.name) return false;
  return await crypto.subtle.verify(algorithm, key, jwt.signature, jwt.signed);
}

export function base64Url(bytes: Uint8Array): string {
  return bytes.toBase64({ alphabet: "base64url", omitPadding: true });
}

function fromBase64Url(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.fromBase64(text, { alphabet: "base64url" });
}

function encode(value: JsonObject): string {
  return base64Url(new TextEncoder().encode(JSON.stringify(value)));
}

function decode(text: string): JsonObject {
  const value: unknown = JSON.parse(new TextDecoder().decode(fromBase64Url(text)));
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new SyntaxError("not an object");
  }
  return value as JsonObject;
}
