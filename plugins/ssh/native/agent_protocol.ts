/**
 * The ssh agent's protocol (draft-miller-ssh-agent), from the agent's side: it tells of its keys and
 * signs with them, and refuses all else. No I/O.
 */

import { Buffer } from "node:buffer";
import type { SshSignatureAlgorithm, SshSigner } from "../../../core/mod.ts";
import { sshSignature, sshString } from "../ssh_signature.ts";

/** Answers one message (type and body, without its length). Never rejects. */
export type AgentProtocol = (message: Uint8Array) => Promise<Buffer>;

const FAILURE = 5;
const REQUEST_IDENTITIES = 11;
const IDENTITIES_ANSWER = 12;
const SIGN_REQUEST = 13;
const SIGN_RESPONSE = 14;

/** Which hash an RSA key is to sign with; without one it is SHA-1, which nobody should take. */
const RSA_SHA2_256 = 2;
const RSA_SHA2_512 = 4;

/** Those whose keys sign in one way only. */
const PLAIN: readonly SshSignatureAlgorithm[] = [
  "ssh-ed25519",
  "ecdsa-sha2-nistp256",
  "ecdsa-sha2-nistp384",
  "ecdsa-sha2-nistp521",
];

interface Key {
  readonly blob: Buffer;
  readonly signer: SshSigner;
}

/**
 * @param onRefusal told why a key has not signed
 * @throws TypeError for a public key or certificate that is none
 */
export function createAgentProtocol(
  signers: readonly SshSigner[],
  onRefusal: (error: unknown) => void,
): AgentProtocol {
  const keys: Key[] = signers.flatMap((signer) =>
    [signer.publicKey, signer.certificate].flatMap((line) =>
      line === undefined ? [] : [{ blob: blobOf(line), signer }]
    )
  );
  return async (message) => {
    if (message[0] === REQUEST_IDENTITIES) return identities(keys);
    const request = message[0] === SIGN_REQUEST ? readSignRequest(message) : undefined;
    const key = keys.find(({ blob }) => request?.blob.equals(blob));
    const algorithm = key && request && algorithmOf(key.blob, request.flags);
    if (!request || !key || !algorithm) return Buffer.of(FAILURE);
    try {
      const raw = await key.signer.sign(request.data, algorithm);
      return Buffer.concat([Buffer.of(SIGN_RESPONSE), sshString(sshSignature(algorithm, raw))]);
    } catch (error) {
      onRefusal(error);
      return Buffer.of(FAILURE);
    }
  };
}

/** Nothing where it is cut off. */
function readSignRequest(message: Uint8Array) {
  const blob = stringAt(message, 1);
  const data = blob && stringAt(message, blob.end);
  if (!data || message.length < data.end + 4) return undefined;
  const flags = Buffer.from(message).readUInt32BE(data.end);
  return { blob: blob.bytes, data: data.bytes, flags };
}

function identities(keys: readonly Key[]): Buffer {
  const head = Buffer.alloc(5);
  head[0] = IDENTITIES_ANSWER;
  head.writeUInt32BE(keys.length, 1);
  // The comment is for people, and none of them reads it.
  return Buffer.concat([head, ...keys.flatMap(({ blob }) => [sshString(blob), sshString("")])]);
}

function algorithmOf(blob: Buffer, flags: number): SshSignatureAlgorithm | undefined {
  const type = typeOf(blob).replace(/-cert-v01@openssh\.com$/, "");
  if (type !== "ssh-rsa") return PLAIN.find((algorithm) => algorithm === type);
  if (flags & RSA_SHA2_512) return "rsa-sha2-512";
  return flags & RSA_SHA2_256 ? "rsa-sha2-256" : undefined;
}

/** Of a line of OpenSSH's: type and key. */
function blobOf(line: string): Buffer {
  const [type = "", key = ""] = line.trim().split(/\s+/);
  const blob = Buffer.from(key, "base64");
  if (type === "" || typeOf(blob) !== type) {
    throw new TypeError(`"${type}" and what follows it is no public key`);
  }
  return blob;
}

function typeOf(blob: Buffer): string {
  return stringAt(blob, 0)?.bytes.toString("latin1") ?? "";
}

/** Nothing where it is cut off. */
function stringAt(message: Uint8Array, at: number) {
  const bytes = Buffer.from(message.buffer, message.byteOffset, message.byteLength);
  if (bytes.length < at + 4) return undefined;
  const end = at + 4 + bytes.readUInt32BE(at);
  return end > bytes.length ? undefined : { bytes: bytes.subarray(at + 4, end), end };
}
