/** The door to sign-ins, as `bastion login`, `logout` and `account` use it. */

import { join } from "node:path";
import { createArmClient } from "../../../azure/arm_client.ts";
import { createInventory } from "../../../azure/create_inventory.ts";
import type { Subscription } from "../../../azure/subscription.ts";
import { bastionError, messageOf } from "../../../errors.ts";
import { printable } from "../../../secret.ts";
import type { Account, Accounts, SignInRequest } from "../accounts.ts";
import type { AzureCredential, CredentialSource } from "../credential.ts";
import { claimsOf } from "./claims_of.ts";
import { credentialOf } from "./credential_of.ts";
import { loginError } from "./login_error.ts";
import { type LoginFile, openLoginFile } from "./login_file.ts";
import { guarded, type LoginState, nothing, type SignIn } from "./login_state.ts";
import { AZURE_CLI_CLIENT_ID, createMsalClient } from "./msal_client.ts";
import type { Exchange } from "./msal_network.ts";
import { signInUser } from "./user_flow.ts";

export interface AccountsOptions {
  readonly source: CredentialSource;
  /** The credential that commands use. */
  readonly credential: () => Promise<AzureCredential>;
}

export function createAccounts({ source, credential }: AccountsOptions): Accounts {
  const { cloud, http, log, clock, platform } = source;
  const { authority } = cloud;
  const file = openLoginFile(source);
  // With --no-cache nothing new is kept; what was kept before can be forgotten all the same.
  const files = source.memoryOnly
    ? [file, openLoginFile({ ...source, memoryOnly: false })]
    : [file];
  const scope = `${cloud.audience}/.default`;

  /** Signs in; what MSAL has to keep is in the file then, but for the sign-in itself. */
  async function enter(request: SignInRequest, signal?: AbortSignal): Promise<SignIn> {
    const base = { id: crypto.randomUUID(), authority };
    if (request.kind === "managed-identity") return { ...base, ...request };
    if (request.kind === "service-principal") {
      return { ...base, ...request, proof: guarded(request.proof) };
    }
    const clientId = request.clientId ?? AZURE_CLI_CLIENT_ID;
    const last: Exchange = {};
    try {
      const client = await createMsalClient({
        cloud,
        http,
        clientId,
        cachePlugin: file.cachePlugin,
        last,
        ...(signal ? { signal } : {}),
      });
      const { account, tenantId } = await signInUser({
        client,
        cloud,
        platform,
        clock,
        request,
        ...(signal ? { signal } : {}),
      });
      if (!account) {
        throw bastionError("credential-refused", {
          credential: "login",
          reason: "Entra did not say who has signed in",
        });
      }
      const { homeAccountId, username } = account;
      return {
        ...base,
        kind: "user",
        clientId,
        homeAccountId,
        username: username || homeAccountId,
        ...(tenantId ? { tenant: tenantId } : {}),
      };
    } catch (error) {
      signal?.throwIfAborted();
      throw loginError(error, last, { credential: "login" });
    }
  }

  async function subscriptionsOf(own: AzureCredential, signal?: AbortSignal) {
    const inventory = createInventory(createArmClient(cloud, own, http, log), clock, log);
    const found = await inventory.subscriptions(signal);
    return [...found].sort((a, b) => a.name.localeCompare(b.name, "en"));
  }

  async function list(): Promise<Account[]> {
    const { signIns } = await file.read();
    return signIns.filter((one) => one.authority === authority)
      .map((one, index) => accountOf(one, index === 0));
  }

  async function signOutOf(kept: LoginFile, username: string | undefined): Promise<Account[]> {
    const { signIns, msal } = await kept.read();
    const gone = signIns.filter((one) =>
      one.authority === authority && (username === undefined || isNamed(one, username))
    );
    const left = signIns.filter((one) => !gone.includes(one));
    for (const one of gone) await forget(one, left, kept);
    // A sign-in that ended half-way has left tokens of a user whom no list names.
    const orphaned = username === undefined && !left.some(isUser) && msal !== nothing.msal;
    if (gone.length === 0 && !orphaned) return [];
    const ids = new Set(gone.map(({ id }) => id));
    await kept.update((state) => {
      const signIns = state.signIns.filter(({ id }) => !ids.has(id));
      const nobody = gone.length > 0 && !signIns.some((one) => one.authority === authority);
      return {
        ...state,
        signIns,
        ...(orphaned && !signIns.some(isUser) ? { msal: nothing.msal } : {}),
        ...(nobody ? { subscriptions: withDefault(state, authority, undefined) } : {}),
      };
    });
    return gone.map((one) => accountOf(one, false));
  }

  /** Removes a user from MSAL's part of the file, unless another sign-in is the same user's. */
  async function forget(
    gone: SignIn,
    left: readonly SignIn[],
    { cachePlugin }: LoginFile,
  ): Promise<void> {
    if (gone.kind !== "user") return;
    const { clientId, homeAccountId } = gone;
    if (left.some((one) => one.kind === "user" && one.homeAccountId === homeAccountId)) return;
    const client = await createMsalClient({ cloud, http, clientId, cachePlugin, last: {} });
    for (const account of await client.getAllAccounts()) {
      if (account.homeAccountId === homeAccountId) await client.signOut({ account });
    }
  }

  return {
    browserAvailable: platform.browserCommands(authority).length > 0,
    async signIn(request, signal) {
      const signIn = await enter(request, signal);
      const own = await credentialOf(source, file, signIn);
      // Before it is kept: a secret that Entra refuses is of no use to anybody.
      await own.getToken(scope, signal ? { signal } : {});
      await file.update((state) => ({
        ...state,
        signIns: [signIn, ...state.signIns.filter((one) => !isSame(one, signIn))],
      }));
      let subscriptions: Subscription[] = [];
      try {
        subscriptions = await subscriptionsOf(own, signal);
      } catch (error) {
        signal?.throwIfAborted();
        // Signed in it is; whoever may read nothing yet can be given a role.
        log.warning("the subscriptions cannot be listed", { problem: messageOf(error) });
      }
      return { account: accountOf(signIn, true), subscriptions, kept: !source.memoryOnly };
    },
    async signOut(username) {
      const gone = new Map<string, Account>();
      for (const kept of files) {
        for (const one of await signOutOf(kept, username)) gone.set(one.id, one);
      }
      if (gone.size > 0 || username === undefined) {
        await removeTokens(join(platform.stateDirectory, "tokens"));
      }
      return [...gone.values()];
    },
    list,
    async current(signal) {
      const own = await credential();
      const { token, expiresOn } = await own.getToken(scope, signal ? { signal } : {});
      const { username, tenant = own.tenant } = claimsOf(token);
      return {
        credential: own.name,
        cloud: cloud.name,
        expiresOn,
        ...(username === undefined ? {} : { username }),
        ...(tenant === undefined ? {} : { tenant }),
      };
    },
    async defaultSubscription() {
      const { subscriptions } = await file.read();
      if (subscriptions[authority] !== undefined) return subscriptions[authority];
      try {
        return (await credential()).subscription;
      } catch (error) {
        // Whoever needs the credential is told; a default that is not known is none.
        log.debug("no default subscription", { problem: error });
        return undefined;
      }
    },
    async setDefaultSubscription(id) {
      for (const kept of files) {
        await kept.update((state) => ({
          ...state,
          subscriptions: withDefault(state, authority, id),
        }));
      }
    },
  };
}

function accountOf(signIn: SignIn, active: boolean): Account {
  const { id, kind, tenant } = signIn;
  return {
    id,
    kind,
    username: printable(nameOf(signIn), 120),
    ...(tenant === undefined ? {} : { tenant }),
    active,
  };
}

function withDefault(
  { subscriptions }: LoginState,
  authority: string,
  id: string | undefined,
): LoginState["subscriptions"] {
  const { [authority]: _before, ...others } = subscriptions;
  return id === undefined ? others : { ...others, [authority]: id };
}

function nameOf(signIn: SignIn): string {
  if (signIn.kind === "user") return signIn.username;
  return signIn.clientId ?? "system";
}

function isNamed(signIn: SignIn, username: string): boolean {
  return nameOf(signIn).toLowerCase() === username.toLowerCase();
}

function isUser({ kind }: SignIn): boolean {
  return kind === "user";
}

/** Whether one takes the other's place. */
function isSame(one: SignIn, other: SignIn): boolean {
  return one.authority === other.authority && one.kind === other.kind &&
    isNamed(one, nameOf(other)) && one.tenant === other.tenant;
}

/**
 * Every credential's: whose a kept token is its file does not tell, and others are had again. Drafts
 * of runs that were killed go as well; locks, which hold nothing, stay for whoever waits at them.
 */
async function removeTokens(directory: string): Promise<void> {
  const unlessGone = (error: unknown) => {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  };
  try {
    for await (const { name, isFile } of Deno.readDir(directory)) {
      if (!isFile || name.endsWith(".lock")) continue;
      // Another run may have renamed or removed it; the others are still to go.
      await Deno.remove(join(directory, name)).catch(unlessGone);
    }
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return;
    const problem = messageOf(error);
    throw bastionError("file-failed", { file: directory, action: "emptied", problem }, error);
  }
}
