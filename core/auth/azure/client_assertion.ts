/**
 * The signed statement (RFC 7523) by which a service principal shows that it has the key of its
 * certificate. `@azure/identity` can make one too, but hands the runtime the whole file as the
 * key: Deno cannot read a key with a certificate beside it, which is how Azure writes the file.
 */

import { Buffer } from "node:buffer";
import {
  constants,
  createHash,
  createPrivateKey,
  type KeyObject,
  randomUUID,
  sign,
  X509Certificate,
} from "node:crypto";
import { bastionError, messageOf } from "../../errors.ts";
import { readSmallText } from "../../read_small_text.ts";

export interface AssertionOptions {
  /** PEM, with the certificate and its RSA key; read anew every time, since it may be renewed. */
  readonly file: string;
  /** Of the key, where it is encrypted. */
  readonly password?: string | undefined;
  readonly client: string;
  /** Address of the token endpoint. */
  readonly audience: string;
}

/** Seconds that it is good for: it is used at once. */
const LIFETIME = 600;

/** In bytes; a larger one holds something else. */
const MAX_FILE = 1024 * 1024;

/** @throws BastionError `file-failed` */
export async function clientAssertion(options: AssertionOptions, now: Date): Promise<string> {
  const { file, password, client, audience } = options;
  const failed = (action: string, problem: string, cause?: unknown) =>
    bastionError("file-failed", { file, action, problem }, cause);
  let pem: string;
  try {
    pem = await readSmallText(file, MAX_FILE);
  } catch (error) {
    throw failed("read", messageOf(error), error);
  }
  const keyText = /-----BEGIN ([A-Z ]*PRIVATE KEY)-----[\s\S]+?-----END \1-----/.exec(pem)?.[0];
  const certificateText = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/
    .exec(pem)?.[0];
  const use = "used to sign in";
  if (!keyText || !certificateText) {
    throw failed(use, `it holds no ${keyText ? "certificate" : "private key"} in PEM`);
  }
  let key: KeyObject;
  let certificate: X509Certificate;
  try {
    key = createPrivateKey({ key: keyText, format: "pem", passphrase: password });
    certificate = new X509Certificate(certificateText);
  } catch (error) {
    throw failed(use, messageOf(error), error);
  }
  if (key.asymmetricKeyType !== "rsa") throw failed(use, "Entra takes RSA keys only");
  const issued = Math.floor(now.getTime() / 1000);
  const signed = [
    {
      alg: "PS256",
      typ: "JWT",
      "x5t#S256": createHash("sha256").update(certificate.raw).digest("base64url"),
    },
    {
      aud: audience,
      iss: client,
      sub: client,
      jti: randomUUID(),
      nbf: issued,
      exp: issued + LIFETIME,
    },
  ].map((part) => Buffer.from(JSON.stringify(part)).toString("base64url")).join(".");
  const signature = sign("sha256", Buffer.from(signed), {
    key,
    padding: constants.RSA_PKCS1_PSS_PADDING,
    saltLength: constants.RSA_PSS_SALTLEN_DIGEST,
  });
  return `${signed}.${signature.toString("base64url")}`;
}
