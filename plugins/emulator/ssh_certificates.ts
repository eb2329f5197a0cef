/** OpenSSH user certificates, as Entra issues them for signing in to Linux VMs. */

import { Buffer } from "node:buffer";
import { createHash, generateKeyPairSync, randomBytes, sign } from "node:crypto";
import { type EntraRefusal, entraRefusal } from "./entra_refusal.ts";

/** Seconds: a clock that is a little slow must not find them not yet valid. */
const SLACK = 300;

const TYPE = "ssh-rsa-cert-v01@openssh.com";
/** OpenSSH's number for certificates of users. */
const USER = 1;
const EXTENSIONS = ["permit-port-forwarding", "permit-pty"];
/** The smallest modulus that Entra takes, in bytes. */
const MIN_MODULUS = 256;

export interface SshCertificates {
  /** For sshd's TrustedUserCAKeys: type and key in one line. */
  readonly authority: string;
  /** Seconds for which those are good that are issued now. */
  lifetime(): number;
  /** The blob in base64, for the key that the form's `req_cnf` has. */
  issue(form: URLSearchParams, principal: string, now: number): string | EntraRefusal;
}

/**
 * Made anew on every start; the private key never leaves the process.
 * @param lifetime seconds
 */
export function createSshCertificates(lifetime: () => number): SshCertificates {
  const pair = generateKeyPairSync("ed25519");
  const raw = Buffer.from(pair.publicKey.export({ format: "jwk" }).x ?? "", "base64url");
  const authority = Buffer.concat([field("ssh-ed25519"), field(raw)]);
  return {
    authority: `ssh-ed25519 ${authority.toString("base64")} bastion-emulator`,
    lifetime,
    issue(form, principal, now) {
      const key = readKey(form.get("req_cnf") ?? "");
      if (!key) {
        return entraRefusal(
          "invalid_request",
          "AADSTS900144: The request body must contain the following parameter: 'req_cnf', an RSA key of 2048 bits or more.",
        );
      }
      const body = Buffer.concat([
        field(TYPE),
        field(randomBytes(32)),
        field(key.e),
        field(key.n),
        number(8, 0),
        number(4, USER),
        field(createHash("sha256").update(key.n).digest("hex")),
        field(field(principal)),
        number(8, now - SLACK),
        number(8, now + lifetime()),
        // No critical options.
        field(""),
        field(Buffer.concat(EXTENSIONS.flatMap((name) => [field(name), field("")]))),
        field(""),
        field(authority),
      ]);
      const signature = sign(null, body, pair.privateKey);
      const signed = field(Buffer.concat([field("ssh-ed25519"), field(signature)]));
      return Buffer.concat([body, signed]).toString("base64");
    },
  };
}

function readKey(text: string): { readonly n: Buffer; readonly e: Buffer } | undefined {
  try {
    const { kty, n, e } = JSON.parse(text);
    if (kty !== "RSA" || typeof n !== "string" || typeof e !== "string") return undefined;
    const key = { n: Buffer.from(n, "base64url"), e: Buffer.from(e, "base64url") };
    return key.n.length >= MIN_MODULUS && key.e.length > 0 ? key : undefined;
  } catch {
    return undefined;
  }
}

function field(value: string | Buffer): Buffer {
  const bytes = Buffer.from(value);
  return Buffer.concat([number(4, bytes.length), bytes]);
}

function number(size: 4 | 8, value: number): Buffer {
  const bytes = Buffer.alloc(size);
  bytes.writeUInt32BE(value, size - 4);
  return bytes;
}
