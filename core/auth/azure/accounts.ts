/** Who is signed in by `bastion login`, and which subscription is the user's default. */

import type { Subscription } from "../../azure/subscription.ts";

export type AccountKind = "user" | "service-principal" | "managed-identity";

/** One that has signed in, in the cloud of this run. */
export interface Account {
  /** Changes with every sign-in. */
  readonly id: string;
  readonly kind: AccountKind;
  /** `ada@contoso.com`, or a client id; `system` for the managed identity that has no other name. */
  readonly username: string;
  /** Id or domain, where it is known. */
  readonly tenant?: string;
  /** Whether this is the one that tokens are asked for: the last to have signed in. */
  readonly active: boolean;
}

/**
 * What a service principal shows to prove itself; `Text` is how a secret is held. Files are read
 * anew whenever they are needed.
 */
export type PrincipalProof<Text = string> =
  | { readonly secret: Text }
  /** PEM with certificate and RSA key. */
  | { readonly certificateFile: string }
  | { readonly federatedToken: Text }
  | { readonly federatedTokenFile: string };

export type SignInRequest =
  | UserSignIn
  | {
    readonly kind: "service-principal";
    readonly clientId: string;
    readonly tenant: string;
    readonly proof: PrincipalProof;
  }
  /** Without a client id, the system-assigned identity. */
  | { readonly kind: "managed-identity"; readonly clientId?: string };

export interface UserSignIn {
  /** `browser` asks the user's browser on this computer, `device-code` one on any. */
  readonly kind: "browser" | "device-code";
  /** Id or domain; the user's home tenant where it is left out. */
  readonly tenant?: string;
  /** Of an app registration of the user's own; the Azure CLI's where it is left out. */
  readonly clientId?: string;
  /** A user whom Entra is to suggest. */
  readonly username?: string;
  /** Tells the user where to go on. The code is there for `device-code` alone. */
  readonly show: (where: { readonly url: string; readonly code?: string }) => void;
}

export interface SignedIn {
  readonly account: Account;
  /** What it may see, by name. */
  readonly subscriptions: readonly Subscription[];
  /** Whether later runs have it too; not with `--no-cache`. */
  readonly kept: boolean;
}

/** The credential that commands use, whichever it is, and what its token says. */
export interface CurrentAccount {
  /** As `login (ada@contoso.com)`. */
  readonly credential: string;
  /** User or client id. */
  readonly username?: string;
  readonly tenant?: string;
  readonly cloud: string;
  /** When the token ends, in milliseconds since 1970; it is renewed before. */
  readonly expiresOn: number;
}

export interface Accounts {
  /** Whether a browser can be opened here: there is a screen, and it is the user's. */
  readonly browserAvailable: boolean;
  /**
   * Signs in, keeps it, and makes it the active account.
   * @throws BastionError `login-…`, `credential-…`, network errors; the signal's reason
   */
  signIn(request: SignInRequest, signal?: AbortSignal): Promise<SignedIn>;
  /**
   * Forgets accounts (all, or those of that name) with every token that is kept, and says which.
   * Of those that are left the last to have signed in becomes the active one; with nobody left the
   * default subscription is forgotten too.
   */
  signOut(username?: string): Promise<readonly Account[]>;
  /** The active one first. */
  list(): Promise<readonly Account[]>;
  /** @throws BastionError `credential-…` */
  current(signal?: AbortSignal): Promise<CurrentAccount>;
  /**
   * Id of the subscription that is used where none is named, in this cloud: the one that was set
   * here, else the one that the credential brings (the Azure CLI's own default).
   */
  defaultSubscription(): Promise<string | undefined>;
  /** Nothing sets none. */
  setDefaultSubscription(id: string | undefined): Promise<void>;
}
