/**
 * OpenSSH's certificates as keys of ssh2's, which does not know them (1.17).
 *
 * A certificate is shown in place of the public key, under an algorithm of its own; the signature
 * goes by the name of the plain key's. ssh2 asks its keys for type and blob, and can be told other
 * ones; but it writes one name in both places, so that the request with the signature is written
 * here. That takes ssh2's insides (`_protocol`): its version is pinned, and the test beside fails
 * where they change.
 */

import { Buffer } from "node:buffer";
// @ts-types="@types/ssh2"
import type ssh2 from "ssh2";
import type { SshSignatureAlgorithm } from "../../../core/mod.ts";
import { sshString } from "../ssh_signature.ts";

const SUFFIX = "-cert-v01@openssh.com";
/** SSH_MSG_USERAUTH_REQUEST (RFC 4252). */
const USERAUTH_REQUEST = 50;

/** By ssh2's key, what its signature is called. */
const certified = new WeakMap<object, SshSignatureAlgorithm>();

/**
 * @param plain the key without its certificate
 * @param line type and blob, as in a file; undefined where it is no certificate
 */
export function certificateKey(
  plain: ssh2.ParsedKey,
  line: string,
): { readonly key: ssh2.ParsedKey; readonly algorithm: SshSignatureAlgorithm } | undefined {
  const [type = "", blob = ""] = line.trim().split(/\s+/);
  if (type !== `${plain.type}${SUFFIX}` || plain.type === "ssh-dss") return undefined;
  // The name says which hash goes with an RSA key; SHA-1 is what the plain name stands for.
  const algorithm = plain.type === "ssh-rsa" ? "rsa-sha2-512" : plain.type;
  const shown = Buffer.from(blob, "base64");
  const key = Object.assign(Object.create(plain), {
    type: `${algorithm}${SUFFIX}`,
    getPublicSSH: () => shown,
  });
  certified.set(key, algorithm);
  return { key, algorithm };
}

type SignRequest = (data: Buffer, done: (signature: Uint8Array) => void) => void;

/** As far as it is used here. */
interface Protocol {
  authPK(
    username: string,
    key: ssh2.ParsedKey,
    algorithm?: string | SignRequest,
    sign?: SignRequest,
  ): void;
  readonly _kex: { readonly sessionID: Uint8Array };
  readonly _authsQueue: string[];
  readonly _kexinit: unknown;
  _queue: Uint8Array[] | undefined;
  readonly _cipher: { encrypt(packet: Uint8Array): void };
  readonly _packetRW: {
    readonly write: {
      readonly allocStart: number;
      alloc(size: number): Uint8Array;
      finalize(packet: Uint8Array): Uint8Array;
    };
  };
}

/** To be called between `connect` and the sign-in. */
export function allowCertificates(client: ssh2.Client): void {
  const protocol = (client as unknown as { readonly _protocol: Protocol })._protocol;
  const { authPK } = protocol;
  protocol.authPK = (username, key, ...others) => {
    const algorithm = certified.get(key);
    const sign = others.find((other) => typeof other === "function");
    // Without a signature it is a question, which ssh2 asks as it should.
    if (algorithm === undefined || sign === undefined) {
      authPK.call(protocol, username, key, ...others);
      return;
    }
    const request = Buffer.concat([
      Buffer.of(USERAUTH_REQUEST),
      ...[username, "ssh-connection", "publickey"].map(sshString),
      Buffer.of(1),
      ...[key.type, key.getPublicSSH()].map(sshString),
    ]);
    sign(Buffer.concat([sshString(protocol._kex.sessionID), request]), (signature) => {
      const signed = sshString(Buffer.concat([sshString(algorithm), sshString(signature)]));
      protocol._authsQueue.push("publickey");
      send(protocol, Buffer.concat([request, signed]));
    });
  };
}

function send(protocol: Protocol, payload: Uint8Array): void {
  const { write } = protocol._packetRW;
  const start = write.allocStart;
  const room = write.alloc(payload.length);
  room.set(payload, start);
  const packet = write.finalize(room);
  // Between an offer of new keys and their use, only what makes them may be sent.
  if (protocol._kexinit === undefined) protocol._cipher.encrypt(packet);
  else (protocol._queue ??= []).push(packet);
}
