/** A certificate authority of the test's own, and a server certificate that it has issued. */

import "reflect-metadata";
import * as x509 from "@peculiar/x509";

/** All in PEM. */
export interface TestCertificate {
  /** What a client must trust. */
  readonly ca: string;
  readonly certificate: string;
  /** The server certificate's key (PKCS #8). */
  readonly key: string;
}

export interface TestCertificateOptions {
  /** DNS names and IP addresses it is for; `localhost` and `127.0.0.1` where they are left out. */
  readonly names?: readonly string[];
  /** When it ends; in an hour where it is left out. */
  readonly notAfter?: Date;
  /** The authority's name; `CN=Test CA` where it is left out. */
  readonly issuer?: string;
  /** An RSA key in place of an elliptic one; that takes its time. */
  readonly rsa?: boolean;
}

const KEY = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;
const RSA_KEY = {
  name: "RSASSA-PKCS1-v1_5",
  hash: "SHA-256",
  modulusLength: 2048,
  publicExponent: new Uint8Array([1, 0, 1]),
} as const;
const DAY = 24 * 60 * 60 * 1000;

export async function testCertificate(
  {
    names = ["localhost", "127.0.0.1"],
    notAfter = new Date(Date.now() + DAY / 24),
    issuer = "CN=Test CA",
    rsa = false,
  }: TestCertificateOptions = {},
): Promise<TestCertificate> {
  const [authority, server] = await Promise.all([
    crypto.subtle.generateKey(KEY, true, ["sign", "verify"]),
    crypto.subtle.generateKey(rsa ? RSA_KEY : KEY, true, ["sign", "verify"]),
  ]);
  const notBefore = new Date(Date.now() - 2 * DAY);
  const ca = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: "01",
    name: issuer,
    notBefore,
    notAfter: new Date(Date.now() + DAY),
    keys: authority,
    signingAlgorithm: KEY,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign, true),
    ],
  });
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: "02",
    subject: "CN=Test",
    issuer: ca.subject,
    notBefore,
    notAfter,
    publicKey: server.publicKey,
    signingKey: authority.privateKey,
    signingAlgorithm: KEY,
    extensions: [
      new x509.SubjectAlternativeNameExtension(
        names.map((value): x509.JsonGeneralName => ({
          type: /^[\d.]+$|:/.test(value) ? "ip" : "dns",
          value,
        })),
      ),
    ],
  });
  const pkcs8 = await crypto.subtle.exportKey("pkcs8", server.privateKey);
  return {
    ca: `${ca.toString("pem")}\n`,
    certificate: `${certificate.toString("pem")}\n`,
    key: `${x509.PemConverter.encode(pkcs8, "PRIVATE KEY")}\n`,
  };
}
