import assert from "node:assert/strict";
import { eventually } from "../../../tests/helpers/eventually.ts";
import { testClock, testProvider } from "../../../tests/helpers/token_provider.ts";
import { Secret } from "../../secret.ts";
import type { AccessToken } from "./credential.ts";
import { cached } from "./token_cache.ts";

const HOUR = 60 * 60_000;
const MINUTE = 60_000;

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

const reveal = ({ token }: AccessToken) => token.reveal();

Deno.test("cached: a fresh token is not what a request in flight brings, if that was refused", async () => {
  const { provider, credential, time } = setUp();
  const first = credential.getToken("s");
  provider.answer();
  await first;
  time.pass(HOUR - 4 * MINUTE);
  // Ahead of its end the old one is renewed, in the background; meanwhile it is refused.
  await credential.getToken("s");
  const fresh = [
    credential.getToken("s", { fresh: true }),
    credential.getToken("s", { fresh: true }),
  ];
  provider.asked[1]?.resolve({ token: new Secret("renewed"), expiresOn: Number.MAX_SAFE_INTEGER });
  assert.deepEqual((await Promise.all(fresh)).map(reveal), ["renewed", "renewed"]);
  assert.equal(provider.asked.length, 2);
});

Deno.test("cached: a hundred connections at the moment of expiry make one request", async () => {
  const { time, provider, credential } = setUp();
  const first = credential.getToken("s");
  provider.answer();
  await first;
  time.pass(HOUR);
  const asking = Array.from({ length: 100 }, () => credential.getToken("s"));
  const token = provider.answer();
  assert.deepEqual(new Set(await Promise.all(asking)), new Set([token]));
  assert.equal(provider.asked.length, 2);
});
