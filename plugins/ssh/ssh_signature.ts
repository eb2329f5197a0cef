/** Raw signatures, as {@linkcode SshSigner} gives them, in SSH's format (RFC 4253, 5656, 8332, 8709). Pure. */

import { Buffer } from "node:buffer";
import type { SshSignatureAlgorithm } from "../../core/mod.ts";

/** Of r and of s each, in bytes. */
const CURVE_SIZES: Readonly<Partial<Record<SshSignatureAlgorithm, number>>> = {
  "ecdsa-sha2-nistp256": 32,
  "ecdsa-sha2-nistp384": 48,
  "ecdsa-sha2-nistp521": 66,
};
const ED25519_SIZE = 64;
/** Of RSA keys with 1024 and with 16384 bits: OpenSSH knows no others. */
const RSA_SIZES = { least: 128, most: 2048 } as const;

/**
 * Two strings: the algorithm's name, and the blob.
 * @throws RangeError for a raw signature that the algorithm cannot have made: it is a plugin's
 */
export function sshSignature(algorithm: SshSignatureAlgorithm, raw: Uint8Array): Buffer {
  return Buffer.concat([sshString(algorithm), sshString(signatureBlob(algorithm, raw))]);
}

/** The blob alone, for whoever writes the name by himself. @throws RangeError as above */
export function signatureBlob(algorithm: SshSignatureAlgorithm, raw: Uint8Array): Uint8Array {
  const size = CURVE_SIZES[algorithm];
  const fits = size !== undefined
    ? raw.length === 2 * size
    : algorithm === "ssh-ed25519"
    ? raw.length === ED25519_SIZE
    : raw.length >= RSA_SIZES.least && raw.length <= RSA_SIZES.most;
  if (!fits) throw new RangeError(`no ${algorithm} signature has ${raw.length} bytes`);
  if (size === undefined) return raw;
  return Buffer.concat([mpint(raw.subarray(0, size)), mpint(raw.subarray(size))]);
}

/** Bytes behind their length. */
export function sshString(value: string | Uint8Array): Buffer {
  const bytes = Buffer.from(value);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

/** A positive number without leading zeros, but for one where the highest bit would be a sign. */
function mpint(bytes: Uint8Array): Buffer {
  const first = bytes.findIndex((byte) => byte !== 0);
  if (first < 0) return sshString("");
  const digits = bytes.subarray(first);
  return sshString((digits[0] ?? 0) & 0x80 ? Buffer.concat([Buffer.of(0), digits]) : digits);
}
