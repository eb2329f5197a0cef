/** Private keys as files have them: OpenSSH's own format, and PEM's (PKCS #1, SEC 1, PKCS #8). */

import { Buffer } from "node:buffer";
import { createPrivateKey, createPublicKey, type KeyObject } from "node:crypto";
// @ts-types="@types/ssh2"
import ssh2 from "ssh2";
import { sshString } from "../ssh_signature.ts";

export interface PrivateKey {
  readonly encrypted: boolean;
  /** In SSH's format; undefined where it is encrypted with the rest, as in PEM's. */
  readonly publicKey: Buffer | undefined;
  /** @throws Error for a wrong passphrase, and for what is no key that Deno can use */
  open(passphrase: string | undefined): KeyObject;
}

/** Never throws: what is wrong with the text is told by `open`. */
export function privateKey(text: string): PrivateKey {
  const own = openSshKey(text);
  if (own) {
    const { cipher, publicKey } = own;
    return {
      encrypted: cipher !== "none",
      publicKey,
      open(passphrase) {
        const parsed = ssh2.utils.parseKey(text, passphrase);
        if (parsed instanceof Error) throw parsed;
        const pem = parsed.getPrivatePEM();
        return parsed.type.startsWith("ecdsa-") ? ecdsaKey(pem, publicKey) : createPrivateKey(pem);
      },
    };
  }
  return {
    encrypted: /^-----BEGIN ENCRYPTED PRIVATE KEY-----|^Proc-Type: 4,ENCRYPTED/m.test(text),
    publicKey: undefined,
    open: (passphrase) =>
      createPrivateKey(passphrase === undefined ? text : { key: text, passphrase }),
  };
}

/** The public half of a key, in SSH's format (RFC 4253, 5656, 8709). */
export function publicBlob(key: KeyObject): Buffer {
  const { kty, crv, n, e, x, y } = createPublicKey(key).export({ format: "jwk" });
  const bytes = (part: string | undefined) => Buffer.from(part ?? "", "base64url");
  if (kty === "RSA") {
    return Buffer.concat([sshString("ssh-rsa"), integer(bytes(e)), integer(bytes(n))]);
  }
  if (kty === "OKP") return Buffer.concat([sshString("ssh-ed25519"), sshString(bytes(x))]);
  const curve = `nist${String(crv).replace("-", "").toLowerCase()}`;
  const point = Buffer.concat([Buffer.of(4), bytes(x), bytes(y)]);
  return Buffer.concat([sshString(`ecdsa-sha2-${curve}`), sshString(curve), sshString(point)]);
}

/** What stands before the part that is encrypted (PROTOCOL.key of OpenSSH). */
function openSshKey(
  text: string,
): { readonly cipher: string; readonly publicKey: Buffer } | undefined {
  const [, body] =
    /^-----BEGIN OPENSSH PRIVATE KEY-----\s+([A-Za-z0-9+/=\s]+)-----END OPENSSH PRIVATE KEY-----/m
      .exec(text) ?? [];
  if (body === undefined) return undefined;
  const next = stringsOf(Buffer.from(body, "base64"), "openssh-key-v1\0".length);
  try {
    const cipher = next().toString("latin1");
    // The function that makes a key of the passphrase, and its options; how many keys there are.
    next();
    next();
    next(4);
    const publicKey = next();
    return publicKey.length > 8 ? { cipher, publicKey } : undefined;
  } catch {
    return undefined;
  }
}

/**
 * OpenSSH writes the number as short as it can be, or with a zero before it; ssh2 copies it so, and
 * Deno wants it at its full size.
 */
function ecdsaKey(pem: string, publicKey: Buffer): KeyObject {
  const next = stringsOf(publicKey, 0);
  next();
  const curve = next().toString("latin1");
  const point = next();
  const size = (point.length - 1) / 2;
  const der = Buffer.from(pem.replace(/-----[^-]+-----|\s/g, ""), "base64");
  // A sequence of the version (02 01 01) and the number, an octet string.
  const at = 2 + ((der[1] ?? 0) & 0x80 ? (der[1] ?? 0) & 0x7f : 0) + 3;
  const number = der.subarray(at + 2, at + 2 + (der[at + 1] ?? 0));
  const digits = number.subarray(Math.max(0, number.length - size));
  const d = Buffer.concat([Buffer.alloc(size - digits.length), digits]);
  const part = (bytes: Buffer) => bytes.toString("base64url");
  return createPrivateKey({
    format: "jwk",
    key: {
      kty: "EC",
      crv: curve.replace("nistp", "P-"),
      x: part(point.subarray(1, 1 + size)),
      y: part(point.subarray(1 + size)),
      d: part(d),
    },
  });
}

/** Reads one string after the other, or as many bytes as are asked for. @throws RangeError */
function stringsOf(data: Buffer, start: number): (size?: number) => Buffer {
  let at = start;
  return (size) => {
    const from = size === undefined ? at + 4 : at;
    const end = from + (size ?? data.readUInt32BE(at));
    if (end > data.length) throw new RangeError("cut off");
    at = end;
    return data.subarray(from, end);
  };
}

/** Positive: a zero before a highest bit that is set. */
function integer(bytes: Buffer): Buffer {
  return sshString((bytes[0] ?? 0) & 0x80 ? Buffer.concat([Buffer.of(0), bytes]) : bytes);
}
