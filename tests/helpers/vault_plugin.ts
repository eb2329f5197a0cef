/** A plugin with the sign-in `vault`, whose key never leaves it: it signs, and that is all. */

import { Buffer } from "node:buffer";
import { generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import type { PluginFactory, SshSignatureAlgorithm } from "../../core/mod.ts";
import { sshString } from "../../plugins/ssh/ssh_signature.ts";

export type VaultKeyType = "ssh-ed25519" | "ssh-rsa" | "ecdsa-sha2-nistp256";

export interface Vault {
  /** One line, as in `authorized_keys`. */
  readonly publicKey: string;
  /** One line, for the key; none until it is set. */
  certificate?: string;
  /** What it was asked to sign with, in order. */
  readonly signed: readonly SshSignatureAlgorithm[];
  /** From then on it refuses, and says this. */
  refuse(problem: string): void;
  readonly plugin: PluginFactory;
}

export function createVault(type: VaultKeyType): Vault {
  const { publicKey, privateKey } = generate(type);
  const signed: SshSignatureAlgorithm[] = [];
  let refusal: string | undefined;
  const blob = Buffer.concat(partsOf(type, publicKey).map(sshString));
  const vault: Vault = {
    publicKey: `${type} ${blob.toString("base64")}`,
    signed,
    refuse: (problem) => refusal = problem,
    plugin: () => ({
      name: "vault",
      version: "1.0.0",
      apiVersion: 1,
      signIns: [{
        name: "vault",
        signIn: ({ user }) => ({
          ...(user === undefined ? {} : { user }),
          methods: [{
            kind: "signer",
            publicKey: vault.publicKey,
            ...(vault.certificate === undefined ? {} : { certificate: vault.certificate }),
            sign(data, algorithm) {
              if (refusal !== undefined) return Promise.reject(new Error(refusal));
              signed.push(algorithm);
              return Promise.resolve(sign(hashOf(algorithm), data, {
                key: privateKey,
                dsaEncoding: "ieee-p1363",
              }));
            },
          }],
          [Symbol.asyncDispose]: () => Promise.resolve(),
        }),
      }],
    }),
  };
  return vault;
}

function generate(type: VaultKeyType) {
  switch (type) {
    case "ssh-ed25519":
      return generateKeyPairSync("ed25519");
    case "ssh-rsa":
      return generateKeyPairSync("rsa", { modulusLength: 2048 });
    case "ecdsa-sha2-nistp256":
      return generateKeyPairSync("ec", { namedCurve: "P-256" });
  }
}

/** Of a public key's blob (RFC 4253, 5656, 8709). */
function partsOf(type: VaultKeyType, key: KeyObject): (string | Buffer)[] {
  const { x = "", y = "", n = "", e = "" } = key.export({ format: "jwk" });
  const bytes = (text: string) => Buffer.from(text, "base64url");
  switch (type) {
    case "ssh-ed25519":
      return [type, bytes(x)];
    case "ssh-rsa":
      // A modulus has its highest bit set, which would be a sign.
      return [type, bytes(e), Buffer.concat([Buffer.of(0), bytes(n)])];
    case "ecdsa-sha2-nistp256":
      return [type, "nistp256", Buffer.concat([Buffer.of(4), bytes(x), bytes(y)])];
  }
}

function hashOf(algorithm: SshSignatureAlgorithm): string | null {
  if (algorithm === "ssh-ed25519") return null;
  return algorithm === "rsa-sha2-512" ? "sha512" : "sha256";
}
