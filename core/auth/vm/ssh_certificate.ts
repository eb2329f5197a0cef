/** What an OpenSSH certificate says (PROTOCOL.certkeys of OpenSSH); its signature is the VM's to check. */

import { Buffer } from "node:buffer";

export interface SshCertificate {
  /** As it stands in a file: type and blob. */
  readonly line: string;
  /** The users that it is for. */
  readonly principals: readonly string[];
  /** Milliseconds since 1970. */
  readonly expiresOn: number;
}

const TYPE = "ssh-rsa-cert-v01@openssh.com";

/** Reads the blob in base64; nothing where it is no certificate of an RSA key. */
export function readSshCertificate(blob: string): SshCertificate | undefined {
  const plain = blob.trim().replaceAll("-", "+").replaceAll("_", "/");
  if (!/^[A-Za-z0-9+/]+=*$/.test(plain)) return undefined;
  try {
    const reader = createReader(Buffer.from(plain, "base64"));
    if (reader.text() !== TYPE) return undefined;
    // Nonce, exponent and modulus; serial number and kind; key id.
    for (let i = 0; i < 3; i++) reader.bytes();
    reader.skip(8 + 4);
    reader.bytes();
    const names = createReader(reader.bytes());
    const principals: string[] = [];
    while (names.left() > 0) principals.push(names.text());
    reader.skip(8);
    return { line: `${TYPE} ${plain}`, principals, expiresOn: reader.seconds() * 1000 };
  } catch {
    return undefined;
  }
}

function createReader(data: Buffer) {
  let at = 0;
  const take = (size: number): Buffer => {
    if (at + size > data.length) throw new RangeError("the certificate is cut off");
    return data.subarray(at, at += size);
  };
  const bytes = () => take(take(4).readUInt32BE());
  return {
    bytes,
    text: () => bytes().toString("utf8"),
    seconds: () => Number(take(8).readBigUInt64BE()),
    skip: (size: number) => void take(size),
    left: () => data.length - at,
  };
}
