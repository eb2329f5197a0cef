/** Keys that sign by themselves as an agent of ssh2's. */

import { Buffer } from "node:buffer";
// @ts-types="@types/ssh2"
import ssh2 from "ssh2";
import type { SshSignatureAlgorithm, SshSigner } from "../../../core/mod.ts";
import { signatureBlob } from "../ssh_signature.ts";
import { certificateKey } from "./certificate_key.ts";

export interface AgentDoors {
  /** Told why a key could not sign; the next one is tried where it returns. */
  onFailure(error: unknown): void;
  /** What is told of a public key or certificate that is none. */
  unusable(problem: string): Error;
  /** Aborts when the sign-in is over: ssh2 must not be told of what comes then. */
  readonly signal: AbortSignal;
}

interface Identity {
  readonly signer: SshSigner;
  /** Undefined where the server chooses the hash, which ssh2 knows. */
  readonly algorithm: SshSignatureAlgorithm | undefined;
}

const BY_HASH: Readonly<Record<string, SshSignatureAlgorithm>> = {
  "sha256": "rsa-sha2-256",
  "sha512": "rsa-sha2-512",
};

/** @throws what `unusable` makes */
export function signersAgent(signers: readonly SshSigner[], doors: AgentDoors): ssh2.BaseAgent {
  const identities = new Map<ssh2.ParsedKey, Identity>();
  for (const signer of signers) {
    const plain = ssh2.utils.parseKey(signer.publicKey);
    if (plain instanceof Error) throw doors.unusable(plain.message);
    if (signer.certificate === undefined) {
      const algorithm = plain.type === "ssh-rsa" || plain.type === "ssh-dss"
        ? undefined
        : plain.type;
      identities.set(plain, { signer, algorithm });
      continue;
    }
    const certified = certificateKey(plain, signer.certificate);
    if (!certified) throw doors.unusable("its certificate is for another kind of key");
    identities.set(certified.key, { signer, algorithm: certified.algorithm });
  }

  async function sign(key: ssh2.ParsedKey, data: Buffer, hash: string | undefined) {
    const identity = identities.get(key);
    const algorithm = identity?.algorithm ?? BY_HASH[hash ?? ""];
    if (!identity) throw new TypeError("an unknown key");
    if (!algorithm) throw doors.unusable("the VM takes RSA keys with SHA-1 alone");
    return Buffer.from(signatureBlob(algorithm, await identity.signer.sign(data, algorithm)));
  }

  // ssh2 knows an agent by its class.
  const { BaseAgent } = ssh2 as unknown as { readonly BaseAgent: new () => object };
  return Object.assign(new BaseAgent(), {
    getIdentities(done: (error: Error | undefined, keys: ssh2.ParsedKey[]) => void) {
      done(undefined, [...identities.keys()]);
    },
    sign(
      key: ssh2.ParsedKey,
      data: Buffer,
      { hash }: { readonly hash?: string },
      done: (error?: Error, signature?: Buffer) => void,
    ) {
      sign(key, data, hash).then((signature) => {
        if (!doors.signal.aborted) done(undefined, signature);
      }, (error) => {
        if (doors.signal.aborted) return;
        doors.onFailure(error);
        done(error instanceof Error ? error : new Error(String(error)));
      });
    },
  }) as unknown as ssh2.BaseAgent;
}
