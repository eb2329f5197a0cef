/**
 * How the user enters the VM (`--auth-type`). What a sign-in gives is data and knows no client: the
 * ssh plugin alone turns it into options of a client, so that a sign-in that a plugin adds works
 * wherever `--auth-type` is taken.
 */

import type { PluginContext } from "../../plugin/plugin.ts";
import type { Secret } from "../../secret.ts";
import type { Target } from "../../target/target.ts";

/** What the user has said about it. */
export interface VmSignInRequest {
  readonly target: Target;
  /** The user name on the VM, where one is given. */
  readonly user?: string;
  /** The private key as the user wrote it (`--ssh-key`): a path, relative to the user's directory. */
  readonly key?: string;
  /** The password, where it was given by stdin. */
  readonly password?: Secret;
  readonly signal: AbortSignal;
}

/** One way to prove who one is. */
export type VmSignInMethod =
  | { readonly kind: "password"; readonly password: Secret }
  /** The server asks, and is answered so where it asks for a password; the user is asked the rest. */
  | { readonly kind: "keyboard-interactive"; readonly password: Secret }
  /** A private key in a file of the user's, absolute; the client asks for its passphrase. */
  | { readonly kind: "key-file"; readonly path: string }
  /** A private key in memory, in OpenSSH's or PEM format, with the certificate of one line. */
  | { readonly kind: "key"; readonly privateKey: Secret; readonly certificate?: string }
  /** An ssh agent: at this socket, or the user's own. */
  | { readonly kind: "agent"; readonly socket?: string }
  /** A private key that stays where it is, as in a vault, and signs there. */
  | ({ readonly kind: "signer" } & SshSigner);

/** A key that can be asked for signatures alone. */
export interface SshSigner {
  /** One line of OpenSSH's format: type and key, as in `authorized_keys`. */
  readonly publicKey: string;
  /** One line, where the key has one. */
  readonly certificate?: string;
  /**
   * The signature of `data`, which is not hashed yet: PKCS #1 v1.5 for RSA; r and s, of equal length,
   * one behind the other, for ECDSA; 64 bytes for Ed25519.
   */
  sign(data: Uint8Array, algorithm: SshSignatureAlgorithm): Promise<Uint8Array>;
}

/** The hash is the algorithm's: SHA-256, -384 and -512 for the three curves, in this order. */
export type SshSignatureAlgorithm =
  | "rsa-sha2-256"
  | "rsa-sha2-512"
  | "ecdsa-sha2-nistp256"
  | "ecdsa-sha2-nistp384"
  | "ecdsa-sha2-nistp521"
  | "ssh-ed25519";

/** Disposing of it removes what was made for it: keys, files, secrets. */
export interface VmSignIn extends AsyncDisposable {
  /** The user name; where it is left out it is the client's to choose. */
  readonly user?: string;
  /** In the order in which they are to be tried; no other is. At least one. */
  readonly methods: readonly VmSignInMethod[];
  /** Milliseconds since 1970 after which it opens no more sessions. */
  readonly expiresOn?: number;
}

export interface VmSignInProvider {
  /** The value of `--auth-type`: lower-case words with hyphens. */
  readonly name: string;
  /** What is missing or wrong is thrown, as an error for the user. It may ask by `ctx.prompt`. */
  signIn(request: VmSignInRequest, ctx: PluginContext): VmSignIn | Promise<VmSignIn>;
}
