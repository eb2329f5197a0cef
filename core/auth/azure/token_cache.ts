/** Keeps a credential's tokens while they are good, and asks for each at most once at a time. */

import type { Clock } from "../../clock.ts";
import { bastionError, isBastionError, messageOf } from "../../errors.ts";
import type { Logger } from "../../logger.ts";
import type { AccessToken, AzureCredential } from "./credential.ts";
import type { StoredToken, TokenStore } from "./token_store.ts";

/** So long before a token ends it is renewed, in ms, while connections go on using it. */
const RENEW_BEFORE = 5 * 60_000;
/** One that ends so soon is used only where no other can be had: what it begins must still work. */
const WAIT_BEFORE = 60_000;
/** A provider that has not answered after so long will not, in ms. */
const PROVIDER_TIMEOUT = 60_000;

/** Where tokens are kept for other runs of the user's, too. */
export interface SharedTokens {
  readonly store: TokenStore;
  /** What tells the credential from all others, cloud included. */
  readonly key: string;
  readonly log: Logger;
}

/** Which token. */
interface Wanted {
  readonly scope: string;
  readonly tenant: string | undefined;
  readonly fresh: boolean;
  readonly form?: Readonly<Record<string, string>>;
}

/**
 * One request in flight for all that ask, in this run and, with `shared`, in all of the user's. Who
 * asked may give up; the request goes on for the others.
 */
export function cached(
  credential: AzureCredential,
  clock: Clock,
  shared?: SharedTokens,
): AzureCredential {
  const kept = new Map<string, StoredToken>();
  const asked = new Map<
    string,
    { readonly fresh: boolean; readonly token: Promise<AccessToken> }
  >();
  const now = () => clock.date().getTime();

  function ask(key: string, wanted: Wanted): Promise<AccessToken> {
    const running = asked.get(key);
    if (running && (running.fresh || !wanted.fresh)) return running.token;
    const old = kept.get(key);
    const token = (running ? renewAfter(key, running.token, wanted, old) : renew(wanted, old))
      .then((renewed) => {
        kept.set(key, renewed);
        return renewed.access;
      })
      .finally(() => {
        if (asked.get(key) === entry) asked.delete(key);
      });
    const entry = { fresh: wanted.fresh, token };
    asked.set(key, entry);
    return token;
  }

  /** What the request in flight brings will do, unless it is just what was refused. */
  async function renewAfter(
    key: string,
    running: Promise<AccessToken>,
    wanted: Wanted,
    old: StoredToken | undefined,
  ): Promise<StoredToken> {
    await running.catch(() => {});
    const token = kept.get(key);
    return token && !isSame(token, old) ? token : await renew(wanted, old);
  }

  async function obtain(wanted: Wanted): Promise<StoredToken> {
    return { access: await askProvider(credential, wanted, clock), renewed: now() };
  }

  async function renew(wanted: Wanted, old: StoredToken | undefined): Promise<StoredToken> {
    if (!shared) return await obtain(wanted);
    const { store, log } = shared;
    const since = now();
    const key = JSON.stringify([
      shared.key,
      wanted.tenant ?? credential.tenant ?? "",
      wanted.scope,
    ]);
    /** What another run has had meanwhile, where it will do. */
    const another = async (): Promise<StoredToken | undefined> => {
      const token = await store.read(key);
      if (!token) return undefined;
      const left = token.access.expiresOn - now();
      if (!wanted.fresh) return left > RENEW_BEFORE ? token : undefined;
      const newer = old ? token.renewed > old.renewed : token.renewed >= since;
      return newer && left > WAIT_BEFORE && !isSame(token, old) ? token : undefined;
    };
    let asking = false;
    const obtainAndKeep = async () => {
      asking = true;
      try {
        const token = await obtain(wanted);
        await store.write(key, token).catch((error) => complain(log, error));
        return token;
      } catch (error) {
        await store.writeFailure(key, error).catch((error) => complain(log, error));
        throw error;
      }
    };
    /** After a wait: many that wait for a refusal do not ask one after the other. */
    const anotherOrFailure = async () => {
      const token = await another();
      const failure = token ? undefined : await store.readFailure(key, since);
      if (!failure) return token;
      asking = true;
      throw failure;
    };
    try {
      return await another() ??
        await store.locked(key, async () => await anotherOrFailure() ?? await obtainAndKeep());
    } catch (error) {
      // The provider's own failure; all else is the store's, and no reason to give up.
      if (asking) throw error;
      if (isBastionError(error, "file-locked")) return await obtainAndKeep();
      complain(log, error);
      return await obtain(wanted);
    }
  }

  const { name, cacheKey, tenant: home, subscription } = credential;
  return {
    name,
    ...(cacheKey === undefined ? {} : { cacheKey }),
    ...(home === undefined ? {} : { tenant: home }),
    ...(subscription === undefined ? {} : { subscription }),
    async getToken(scope, { signal, fresh = false, tenant, form } = {}) {
      signal?.throwIfAborted();
      // Another kind of token, for a key that is used once.
      if (form) return await askProvider(credential, { scope, tenant, fresh, form }, clock, signal);
      const key = JSON.stringify([tenant ?? home ?? "", scope]);
      const token = kept.get(key)?.access;
      const left = token && !fresh ? token.expiresOn - now() : 0;
      if (token && left > RENEW_BEFORE) return token;
      const request = ask(key, { scope, tenant, fresh });
      if (!token || left <= 0) return await abortable(request, signal);
      const renewed = request.catch(() => token);
      return left > WAIT_BEFORE ? token : await abortable(renewed, signal);
    },
  };
}

function isSame(one: StoredToken, other: StoredToken | undefined): boolean {
  return one.access.token.reveal() === other?.access.token.reveal();
}

function complain(log: Logger, error: unknown): void {
  log.warning("tokens cannot be kept on disk", {
    problem: messageOf(error),
    ...(isBastionError(error) ? { hint: error.hint } : {}),
  });
}

async function askProvider(
  credential: AzureCredential,
  { scope, tenant, fresh, form }: Wanted,
  clock: Clock,
  signal?: AbortSignal,
): Promise<AccessToken> {
  const limit = new AbortController();
  const { promise: late, reject } = Promise.withResolvers<never>();
  const cancel = clock.after(PROVIDER_TIMEOUT, () => {
    reject(bastionError("credential-refused", {
      credential: credential.name,
      reason: `no answer within ${PROVIDER_TIMEOUT / 1000} s`,
    }));
    limit.abort();
  });
  try {
    const options = {
      signal: signal ? AbortSignal.any([limit.signal, signal]) : limit.signal,
      fresh,
      ...(tenant === undefined ? {} : { tenant }),
      ...(form === undefined ? {} : { form }),
    };
    return await Promise.race([credential.getToken(scope, options), late]);
  } finally {
    cancel();
  }
}

function abortable<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return work;
  return new Promise((resolve, reject) => {
    const stop = () => reject(signal.reason);
    signal.addEventListener("abort", stop, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", stop));
  });
}
