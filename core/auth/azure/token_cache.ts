/** Keeps a credential's tokens while they are good, and asks for each at most once at a time. */

import type { Clock } from "../../clock.ts";
import { bastionError } from "../../errors.ts";
import type { AccessToken, AzureCredential } from "./credential.ts";

/** So long before a token ends it is renewed, in ms, while connections go on using it. */
const RENEW_BEFORE = 5 * 60_000;
/** One that ends so soon is used only where no other can be had: what it begins must still work. */
const WAIT_BEFORE = 60_000;
/** A provider that has not answered after so long will not, in ms. */
const PROVIDER_TIMEOUT = 60_000;

/**
 * One request in flight for all that ask. Who asked may give up; the request goes on for the
 * others.
 */
export function cached(credential: AzureCredential, clock: Clock): AzureCredential {
  const kept = new Map<string, AccessToken>();
  const asked = new Map<string, Promise<AccessToken>>();

  function ask(scope: string, fresh: boolean): Promise<AccessToken> {
    let request = asked.get(scope);
    if (!request) {
      request = fetchToken(credential, scope, fresh, clock)
        .then((token) => {
          kept.set(scope, token);
          return token;
        })
        .finally(() => asked.delete(scope));
      asked.set(scope, request);
    }
    return request;
  }

  return {
    name: credential.name,
    async getToken(scope, { signal, fresh = false } = {}) {
      signal?.throwIfAborted();
      const token = kept.get(scope);
      const now = clock.date().getTime();
      const left = token && !fresh ? token.expiresOn - now : 0;
      if (token && left > RENEW_BEFORE) return token;
      const request = ask(scope, fresh);
      if (!token || left <= 0) return await abortable(request, signal);
      const renewed = request.catch(() => token);
      return left > WAIT_BEFORE ? token : await abortable(renewed, signal);
    },
  };
}

async function fetchToken(
  credential: AzureCredential,
  scope: string,
  fresh: boolean,
  clock: Clock,
): Promise<AccessToken> {
  const limit = new AbortController();
  const cancel = clock.after(PROVIDER_TIMEOUT, () => limit.abort());
  const late = new Promise<never>((_, reject) =>
    limit.signal.addEventListener("abort", () =>
      reject(bastionError("credential-refused", {
        credential: credential.name,
        reason: `no answer within ${PROVIDER_TIMEOUT / 1000} s`,
      })))
  );
  try {
    return await Promise.race([credential.getToken(scope, { signal: limit.signal, fresh }), late]);
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
