/** Takes an OpenSSH certificate of an RSA key apart (PROTOCOL.certkeys of OpenSSH). Pure. */

import { Buffer } from "node:buffer";
import { createSshReader, type SshReader } from "./ssh_reader.ts";

/** Nothing of it has been checked. */
export interface SshCertificate {
  /** The certified key: exponent and modulus, as multiple-precision integers. */
  readonly e: Buffer;
  readonly n: Buffer;
  /** 1: a user's, 2: a host's. */
  readonly type: number;
  readonly principals: readonly string[];
  /** Seconds since 1970: from the first on, and no longer than the second. */
  readonly validAfter: bigint;
  readonly validBefore: bigint;
  /** Names of what must be understood by whoever believes it. */
  readonly criticalOptions: readonly string[];
  /** Public key of the authority, and what that has signed. */
  readonly authority: Buffer;
  readonly signed: Buffer;
  readonly signature: Buffer;
}

const TYPE = "ssh-rsa-cert-v01@openssh.com";

/** Undefined for whatever else the bytes are. */
export function readSshCertificate(blob: Uint8Array): SshCertificate | undefined {
  const data = Buffer.from(blob);
  try {
    const reader = createSshReader(data);
    if (reader.text() !== TYPE) return undefined;
    // A nonce, which makes the signed bytes unforeseeable.
    reader.bytes();
    const [e, n] = [reader.bytes(), reader.bytes()];
    // The serial number.
    reader.uint64();
    const type = reader.uint32();
    // The key's id, for logs.
    reader.bytes();
    const principals = readList(reader.bytes(), ({ text }) => text());
    const [validAfter, validBefore] = [reader.uint64(), reader.uint64()];
    const criticalOptions = readOptions(reader.bytes());
    // Extensions, of which unknown ones may be passed over; and a field for later.
    readOptions(reader.bytes());
    reader.bytes();
    const authority = reader.bytes();
    const signed = data.subarray(0, reader.at());
    const signature = reader.bytes();
    if (!reader.atEnd()) return undefined;
    return {
      ...{ e, n, type, principals, validAfter, validBefore, criticalOptions },
      ...{ authority, signed, signature },
    };
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

function readOptions(data: Buffer): string[] {
  return readList(data, (reader) => {
    const name = reader.text();
    reader.bytes();
    return name;
  });
}

function readList(data: Buffer, item: (reader: SshReader) => string): string[] {
  const reader = createSshReader(data);
  const items: string[] = [];
  while (!reader.atEnd()) items.push(item(reader));
  return items;
}
