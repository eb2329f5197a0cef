import assert from "node:assert/strict";
import { eventually } from "../../../tests/helpers/eventually.ts";
import type { Clock } from "../../clock.ts";
import { Secret } from "../../secret.ts";
import type { AccessToken, AzureCredential } from "./credential.ts";
import { cached } from "./token_cache.ts";

const HOUR = 60 * 60_000;
const MINUTE = 60_000;

/** A clock that a test moves, with at most one timer. */
function testClock() {
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
function testProvider(clock: Clock) {
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

function setUp() {
  const time = testClock();
  const provider = testProvider(time.clock);
  return { time, provider, credential: cached(provider.credential, time.clock) };
}

Deno.test("cached: one request in flight for all who ask, and one token afterwards", async () => {
  const { provider, credential } = setUp();
  const asking = Array.from({ length: 50 }, () => credential.getToken("s"));
  const token = provider.answer();
  assert.deepEqual(new Set(await Promise.all(asking)), new Set([token]));
  assert.equal(await credential.getToken("s"), token);
  assert.equal(provider.asked.length, 1);
  assert.equal(credential.name, "test");
});

Deno.test("cached: scopes are kept apart", async () => {
  const { provider, credential } = setUp();
  const first = credential.getToken("one");
  const one = provider.answer();
  const second = credential.getToken("two");
  const two = provider.answer();
  assert.deepEqual([await first, await second], [one, two]);
  assert.notEqual(one, two);
  assert.deepEqual(provider.asked.map(({ scope }) => scope), ["one", "two"]);
});

Deno.test("cached: a token is renewed five minutes before it ends", async () => {
  const { time, provider, credential } = setUp();
  const asking = credential.getToken("s");
  const first = provider.answer(HOUR);
  await asking;
  time.pass(HOUR - 5 * MINUTE - 1);
  assert.equal(await credential.getToken("s"), first);
  time.pass(1);
  assert.equal(await credential.getToken("s"), first, "nobody waits for the renewal");
  assert.equal(await credential.getToken("s"), first);
  assert.equal(provider.asked.length, 2);
  const second = provider.answer();
  await eventually("the new token is used", async () => await credential.getToken("s") === second);
  assert.equal(provider.asked.length, 2);
});

Deno.test("cached: in a token's last minute its renewal is waited for", async () => {
  const { time, provider, credential } = setUp();
  const asking = credential.getToken("s");
  provider.answer(HOUR);
  await asking;
  time.pass(HOUR - MINUTE);
  const renewing = credential.getToken("s");
  const second = provider.answer();
  assert.equal(await renewing, second);
});

Deno.test("cached: one that cannot be renewed is used to its end, and not beyond", async () => {
  const { time, provider, credential } = setUp();
  const asking = credential.getToken("s");
  const first = provider.answer(HOUR);
  await asking;
  const failure = new Error("no network");
  time.pass(HOUR - MINUTE);
  const renewing = credential.getToken("s");
  provider.asked.at(-1)?.reject(failure);
  assert.equal(await renewing, first);
  time.pass(MINUTE);
  const late = credential.getToken("s");
  provider.asked.at(-1)?.reject(failure);
  await assert.rejects(late, failure);
  assert.equal(provider.asked.length, 3);
});

Deno.test("cached: a failure is not kept", async () => {
  const { provider, credential } = setUp();
  const failing = [credential.getToken("s"), credential.getToken("s")];
  provider.asked.at(-1)?.reject(new Error("once"));
  for (const one of failing) await assert.rejects(one, /once/);
  const again = credential.getToken("s");
  const token = provider.answer();
  assert.equal(await again, token);
});

Deno.test("cached: `fresh` asks although there is a token, and the provider is told", async () => {
  const { provider, credential } = setUp();
  const asking = credential.getToken("s");
  provider.answer();
  await asking;
  const renewing = credential.getToken("s", { fresh: true });
  const second = provider.answer();
  assert.equal(await renewing, second);
  assert.equal(await credential.getToken("s"), second);
  assert.deepEqual(provider.asked.map(({ fresh }) => fresh), [false, true]);
});

Deno.test("cached: who asked may give up; the others get their token", async () => {
  const { provider, credential } = setUp();
  const reason = new Error("enough");
  const stop = new AbortController();
  const impatient = credential.getToken("s", { signal: stop.signal });
  const patient = credential.getToken("s");
  stop.abort(reason);
  await assert.rejects(impatient, reason);
  const token = provider.answer();
  assert.equal(await patient, token);
  // Nothing is asked for somebody who has left; a failure of it would be nobody's.
  await assert.rejects(credential.getToken("other", { signal: stop.signal }), reason);
  assert.equal(provider.asked.length, 1);
});

Deno.test("cached: a provider that hangs is given up after a minute, and asked again", async () => {
  const { time, provider, credential } = setUp();
  const asking = credential.getToken("s");
  assert.equal(time.timer?.ms, MINUTE);
  time.timer?.callback();
  await assert.rejects(asking, {
    code: "credential-refused",
    message: /\(test\): no answer within 60 s/,
  });
  const again = credential.getToken("s");
  const token = provider.answer();
  assert.equal(await again, token);
  assert.equal(time.timer, undefined);
});
