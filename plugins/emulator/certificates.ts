/** The emulator's own certificate authority, and the one server certificate that it issues. */

import "reflect-metadata";
import * as x509 from "@peculiar/x509";

export interface Certificates {
  /** PEM; what clients must trust. */
  readonly ca: string;
  /** PEM; for 127.0.0.1 and localhost. */
  readonly certificate: string;
  /** PEM (PKCS #8) of the server certificate's key. It never touches the disk. */
  readonly key: string;
}

const KEY = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;
const DAY = 24 * 60 * 60 * 1000;

/**
 * Makes both. The authority's private key is dropped on return: whoever trusts this CA trusts
 * certificates for this computer's loopback address, made now, and nothing else, ever.
 */
export async function createCertificates(now: Date): Promise<Certificates> {
  const [authority, server] = await Promise.all([generateKey(), generateKey()]);
  // A clock that is a little slow must not find the certificate not yet valid.
  const notBefore = new Date(now.getTime() - DAY);
  const notAfter = new Date(now.getTime() + 30 * DAY);
  const ca = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: serialNumber(),
    name: "CN=Bastion emulator CA",
    notBefore,
    notAfter,
    keys: authority,
    signingAlgorithm: KEY,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign, true),
      await x509.SubjectKeyIdentifierExtension.create(authority.publicKey),
    ],
  });
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: serialNumber(),
    subject: "CN=127.0.0.1",
    issuer: ca.subject,
    notBefore,
    notAfter,
    publicKey: server.publicKey,
    signingKey: authority.privateKey,
    signingAlgorithm: KEY,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.SubjectAlternativeNameExtension([
        { type: "ip", value: "127.0.0.1" },
        { type: "dns", value: "localhost" },
      ]),
      await x509.AuthorityKeyIdentifierExtension.create(authority.publicKey),
    ],
  });
  const pkcs8 = await crypto.subtle.exportKey("pkcs8", server.privateKey);
  return {
    ca: `${ca.toString("pem")}\n`,
    certificate: `${certificate.toString("pem")}\n`,
    key: `${x509.PemConverter.encode(pkcs8, "PRIVATE KEY")}\n`,
  };
}

async function generateKey(): Promise<CryptoKeyPair> {
  return await crypto.subtle.generateKey(KEY, true, ["sign", "verify"]);
}

/** Positive, as RFC 5280 §4.1.2.2 wants it: the first bit is clear. */
function serialNumber(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return `0${Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("").slice(1)}`;
}
