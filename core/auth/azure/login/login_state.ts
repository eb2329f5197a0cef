/** What `bastion login` keeps, as it stands in its file. */

import { isRecord } from "../../../record.ts";
import { Secret } from "../../../secret.ts";
import type { PrincipalProof } from "../accounts.ts";

/** One sign-in; `authority` says in which cloud. */
export type SignIn = SignInBase & (UserSignIn | PrincipalSignIn | IdentitySignIn);

interface SignInBase {
  /** Changes with every sign-in. */
  readonly id: string;
  readonly authority: string;
  /** Of a user or service principal: the tenant; ids and domains both occur. */
  readonly tenant?: string;
}

interface UserSignIn {
  readonly kind: "user";
  readonly username: string;
  /** Of the application that the user signed in to. */
  readonly clientId: string;
  /** The key of the user in MSAL's cache. */
  readonly homeAccountId: string;
}

interface PrincipalSignIn {
  readonly kind: "service-principal";
  readonly clientId: string;
  readonly tenant: string;
  readonly proof: PrincipalProof<Secret>;
}

interface IdentitySignIn {
  readonly kind: "managed-identity";
  readonly clientId?: string;
}

export interface LoginState {
  /** MSAL's cache, in its own JSON. */
  readonly msal: string;
  /** The last to have signed in comes first. */
  readonly signIns: readonly SignIn[];
  /** Default subscription's id, by the cloud's authority. */
  readonly subscriptions: Readonly<Record<string, string>>;
}

export const nothing: LoginState = { msal: "{}", signIns: [], subscriptions: {} };

const VERSION = 1;

export function writeState(state: LoginState): string {
  const signIns = state.signIns.map((one) =>
    one.kind === "service-principal" ? { ...one, proof: bare(one.proof) } : one
  );
  return JSON.stringify({ version: VERSION, ...state, signIns });
}

/** Undefined for what was not written by {@linkcode writeState}. */
export function readState(text: string): LoginState | undefined {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!isRecord(document) || document["version"] !== VERSION) return undefined;
  const { msal, signIns, subscriptions } = document;
  if (typeof msal !== "string" || !isCache(msal)) return undefined;
  if (!Array.isArray(signIns) || !isRecord(subscriptions)) return undefined;
  const read = signIns.map(readSignIn);
  if (read.some((one) => one === undefined)) return undefined;
  const texts = Object.entries(subscriptions).filter((entry): entry is [string, string] =>
    typeof entry[1] === "string"
  );
  return {
    msal,
    signIns: read.filter((one) => one !== undefined),
    subscriptions: Object.fromEntries(texts),
  };
}

function readSignIn(value: unknown): SignIn | undefined {
  if (!isRecord(value)) return undefined;
  const { id, authority, kind, tenant, username, clientId, homeAccountId } = value;
  if (typeof id !== "string" || typeof authority !== "string") return undefined;
  const base = { id, authority, ...(typeof tenant === "string" ? { tenant } : {}) };
  if (kind === "managed-identity") {
    return { ...base, kind, ...(typeof clientId === "string" ? { clientId } : {}) };
  }
  if (typeof clientId !== "string") return undefined;
  if (kind === "user") {
    return typeof username === "string" && typeof homeAccountId === "string"
      ? { ...base, kind, username, clientId, homeAccountId }
      : undefined;
  }
  const proof = readProof(value["proof"]);
  return kind === "service-principal" && typeof tenant === "string" && proof
    ? { ...base, kind, clientId, tenant, proof }
    : undefined;
}

/** The secrets themselves, which a {@linkcode Secret} would keep to itself. */
function bare(proof: PrincipalProof<Secret>): Record<string, string> {
  if ("secret" in proof) return { secret: proof.secret.reveal() };
  if ("federatedToken" in proof) return { federatedToken: proof.federatedToken.reveal() };
  return { ...proof };
}

/** Registers what is secret, so that nothing shows it. */
export function guarded(proof: PrincipalProof): PrincipalProof<Secret> {
  if ("secret" in proof) return { secret: new Secret(proof.secret) };
  if ("federatedToken" in proof) return { federatedToken: new Secret(proof.federatedToken) };
  return proof;
}

function readProof(value: unknown): PrincipalProof<Secret> | undefined {
  if (!isRecord(value)) return undefined;
  const { secret, certificateFile, federatedToken, federatedTokenFile } = value;
  if (typeof secret === "string") return guarded({ secret });
  if (typeof federatedToken === "string") return guarded({ federatedToken });
  if (typeof certificateFile === "string") return { certificateFile };
  if (typeof federatedTokenFile === "string") return { federatedTokenFile };
  return undefined;
}

/** Whether it may be MSAL's cache. Refresh tokens look like nothing in particular: they are registered. */
function isCache(text: string): boolean {
  try {
    const cache: unknown = JSON.parse(text);
    if (!isRecord(cache)) return false;
    const { RefreshToken: tokens } = cache;
    for (const token of Object.values(isRecord(tokens) ? tokens : {})) {
      if (isRecord(token) && typeof token["secret"] === "string") register(token["secret"]);
    }
    return true;
  } catch {
    return false;
  }
}

const registered = new Set<string>();

/** Once: the file is read often. */
function register(token: string): void {
  if (registered.has(token)) return;
  registered.add(token);
  new Secret(token);
}
