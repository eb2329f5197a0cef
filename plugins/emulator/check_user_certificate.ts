/** Whether a certificate lets a user in, judged as OpenSSH's sshd does. Pure. */

import { Buffer } from "node:buffer";
import { createPublicKey, type KeyObject, verify } from "node:crypto";
import { readSshCertificate, type SshCertificate } from "./read_ssh_certificate.ts";
import { createSshReader } from "./ssh_reader.ts";

/** A sign-in by public key, as the client sends it (RFC 4252, section 7). */
export interface CertificateAttempt {
  /** Whom the client wants to be. */
  readonly user: string;
  /** What the client calls its way to sign. */
  readonly algorithm: string;
  /** In place of a public key. */
  readonly certificate: Uint8Array;
  /** Left out where the client only asks whether the certificate would do. */
  readonly proof?: {
    /** The session's id and the request, which are signed. */
    readonly data: Uint8Array;
    /** The algorithm's name, and the signature itself. */
    readonly signature: Uint8Array;
  };
}

/** SHA-1 (`ssh-rsa-cert-v01@openssh.com`) is none of them. */
const ALGORITHMS: Readonly<Record<string, { readonly name: string; readonly hash: string }>> = {
  "rsa-sha2-256-cert-v01@openssh.com": { name: "rsa-sha2-256", hash: "sha256" },
  "rsa-sha2-512-cert-v01@openssh.com": { name: "rsa-sha2-512", hash: "sha512" },
};
const USER = 1;
/** The smallest that Entra certifies, in bits. */
const MIN_MODULUS = 2048;

/**
 * What is wrong with the attempt; undefined where nothing is.
 * @param authority whose certificates are believed: type (`ssh-ed25519`) and key, as one line
 * @param now seconds since 1970
 */
export function checkUserCertificate(
  { user, algorithm, certificate: blob, proof }: CertificateAttempt,
  authority: string,
  now: number,
): string | undefined {
  const way = Object.hasOwn(ALGORITHMS, algorithm) ? ALGORITHMS[algorithm] : undefined;
  if (!way) return `the algorithm ${JSON.stringify(algorithm)} is not allowed`;
  const certificate = readSshCertificate(blob);
  if (!certificate) return "it is no certificate of an RSA key";
  const problem = problemOf(certificate, user, now) ?? forgery(certificate, authority);
  if (problem !== undefined) return problem;
  const key = readKey(certificate);
  if (!key) return "its key is no RSA key of 2048 bits or more";
  if (!proof) return undefined;
  const signature = readSignature(proof.signature, way.name);
  return signature && verify(way.hash, proof.data, key, signature)
    ? undefined
    : "the client does not have the certified key";
}

function problemOf(
  { type, principals, validAfter, validBefore, criticalOptions }: SshCertificate,
  user: string,
  now: number,
): string | undefined {
  const time = BigInt(now);
  if (type !== USER) return "it is not a user's";
  if (time < validAfter) return "it is not valid yet";
  if (time >= validBefore) return "it is not valid any more";
  if (criticalOptions.length > 0) {
    // What it demands could be a narrower way in; the emulator's authority demands nothing.
    return `it has critical options that are not known: ${criticalOptions.join(", ")}`;
  }
  // OpenSSH as well reads an empty list as nobody, where it reads an authority's certificates.
  if (!principals.includes(user)) return "it is for another user";
  return undefined;
}

function forgery(
  { authority, signed, signature }: SshCertificate,
  trusted: string,
): string | undefined {
  const [type = "", base64 = ""] = trusted.split(" ");
  const known = Buffer.from(base64, "base64");
  if (!authority.equals(known)) return "its authority is not trusted";
  const bytes = readSignature(signature, type);
  const reader = createSshReader(known);
  reader.text();
  const key = createPublicKey({
    format: "jwk",
    key: { kty: "OKP", crv: "Ed25519", x: reader.bytes().toString("base64url") },
  });
  return bytes && verify(null, signed, key, bytes)
    ? undefined
    : "its authority has not signed it as it is";
}

/** Of `algorithm`, and of nothing else. */
function readSignature(signature: Uint8Array, algorithm: string): Buffer | undefined {
  try {
    const reader = createSshReader(Buffer.from(signature));
    if (reader.text() !== algorithm) return undefined;
    const bytes = reader.bytes();
    return reader.atEnd() ? bytes : undefined;
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

function readKey({ n, e }: SshCertificate): KeyObject | undefined {
  try {
    const key = createPublicKey({
      format: "jwk",
      key: { kty: "RSA", n: unsigned(n), e: unsigned(e) },
    });
    const { modulusLength = 0 } = key.asymmetricKeyDetails ?? {};
    return modulusLength >= MIN_MODULUS ? key : undefined;
  } catch {
    return undefined;
  }
}

/** A JWK has no zero before a highest bit that is set. */
function unsigned(integer: Buffer): string {
  const first = integer.findIndex((byte) => byte !== 0);
  return integer.subarray(first < 0 ? integer.length : first).toString("base64url");
}
