/** A clock and a provider for tests of the token cache: nothing happens but by the test's hand. */

import type { Clock } from "../../core/clock.ts";
import type { AccessToken, AzureCredential } from "../../core/auth/azure/credential.ts";
import { Secret } from "../../core/secret.ts";

const HOUR = 60 * 60_000;

/** A clock that a test moves, with at most one timer. */
export function testClock() {
  let now = 1_700_000_000_000;
  let timer: { ms: number; callback: () => void } | undefined;
  const clock: Clock = {
    now: () => now,
    date: () => new Date(now),
    after(ms, callback) {
      timer = { ms, callback };
      return () => timer = undefined;
    },
    sleep: () => Promise.reject(new Error("nothing sleeps here")),
  };
  return {
    clock,
    pass: (ms: number) => now += ms,
    get timer() {
      return timer;
    },
  };
}

/** A provider whose every request a test answers. */
export function testProvider(clock: Clock) {
  type Asked = PromiseWithResolvers<AccessToken> & { scope: string; fresh: boolean | undefined };
  const asked: Asked[] = [];
  const credential: AzureCredential = {
    name: "test",
    getToken(scope, { fresh } = {}) {
      const request = { ...Promise.withResolvers<AccessToken>(), scope, fresh };
      asked.push(request);
      return request.promise;
    },
  };
  return {
    credential,
    asked,
    /** Answers the newest request with a token that lives for `ms`. */
    answer(ms = HOUR): AccessToken {
      const token = { token: new Secret("t"), expiresOn: clock.date().getTime() + ms };
      asked.at(-1)?.resolve(token);
      return token;
    },
  };
}
