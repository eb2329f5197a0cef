/** The token cache of several runs at once: what they keep on disk. */

import assert from "node:assert/strict";
import { eventually } from "../../../tests/helpers/eventually.ts";
import { testClock, testProvider } from "../../../tests/helpers/token_provider.ts";
import { tempDir } from "../../../tests/helpers/temp_dir.ts";
import { systemClock } from "../../clock.ts";
import { bastionError } from "../../errors.ts";
import { createLogger, type LogRecord } from "../../logger.ts";
import { createPlatform } from "../../platform.ts";
import { Secret } from "../../secret.ts";
import type { AccessToken } from "./credential.ts";
import { cached } from "./token_cache.ts";
import { type TokenStore, tokenStore } from "./token_store.ts";

const HOUR = 60 * 60_000;
const MINUTE = 60_000;

/** Two runs of the program that keep their tokens in one place. */
async function twoRuns() {
  const dir = await tempDir();
  const records: LogRecord[] = [];
  const time = testClock();
  // Files and locks are real; only what the tokens' lives depend on stands still.
  const store = tokenStore(
    dir.file("tokens"),
    createPlatform("linux", () => undefined),
    systemClock,
  );
  const shared = { store, key: "who", log: createLogger("test", (record) => records.push(record)) };
  const run = () => {
    const provider = testProvider(time.clock);
    return { provider, credential: cached(provider.credential, time.clock, shared) };
  };
  const lateAnswer = async (provider: ReturnType<typeof testProvider>, value: string) => {
    const request = await eventually("the provider is asked", () => provider.asked.at(-1));
    request.resolve({ token: new Secret(value), expiresOn: time.clock.date().getTime() + HOUR });
  };
  return {
    dir,
    time,
    records,
    one: run(),
    two: run(),
    third: run,
    lateAnswer,
    [Symbol.asyncDispose]: () => dir[Symbol.asyncDispose](),
  };
}

const reveal = ({ token }: AccessToken) => token.reveal();

Deno.test("cached: what one run has, the other needs not ask for, nor the next", async () => {
  await using runs = await twoRuns();
  const { one, two, third } = runs;
  const asking = [one.credential.getToken("s"), two.credential.getToken("s")];
  const asked = await eventually(
    "one of them asks",
    () => [one, two].find(({ provider }) => provider.asked.length > 0),
  );
  asked.provider.asked.at(-1)?.resolve({
    token: new Secret("token-1"),
    expiresOn: runs.time.clock.date().getTime() + HOUR,
  });
  assert.deepEqual((await Promise.all(asking)).map(reveal), ["token-1", "token-1"]);
  assert.equal(one.provider.asked.length + two.provider.asked.length, 1);
  const later = third();
  assert.equal(reveal(await later.credential.getToken("s")), "token-1");
  assert.equal(later.provider.asked.length, 0);
  const other = later.credential.getToken("s", { tenant: "another" });
  await runs.lateAnswer(later.provider, "token-of-another");
  assert.equal(reveal(await other), "token-of-another");
  assert.equal(reveal(await later.credential.getToken("s")), "token-1");
});

Deno.test("cached: a refused token is renewed by one run for all that had it", async () => {
  await using runs = await twoRuns();
  const { one, two, time } = runs;
  const asking = one.credential.getToken("s");
  await runs.lateAnswer(one.provider, "token-1");
  await asking;
  assert.equal(reveal(await two.credential.getToken("s")), "token-1");
  time.pass(MINUTE);
  const fresh = one.credential.getToken("s", { fresh: true });
  await eventually("asked again", () => one.provider.asked.length === 2);
  await runs.lateAnswer(one.provider, "token-2");
  assert.equal(reveal(await fresh), "token-2");
  time.pass(MINUTE);
  // It asks after the other, with the old one in its hands: the new one is what it wants.
  assert.equal(reveal(await two.credential.getToken("s", { fresh: true })), "token-2");
  assert.equal(two.provider.asked.length, 0);
  // Now the new one has been refused, too.
  const again = two.credential.getToken("s", { fresh: true });
  await eventually("asked itself", () => two.provider.asked.length === 1);
  await runs.lateAnswer(two.provider, "token-3");
  assert.equal(reveal(await again), "token-3");
});

Deno.test("cached: where nothing can be kept on disk, that is said, and tokens are had anyway", async () => {
  await using runs = await twoRuns();
  await Deno.mkdir(runs.dir.file("tokens"));
  await Deno.chmod(runs.dir.file("tokens"), 0o755);
  const asking = runs.one.credential.getToken("s");
  await runs.lateAnswer(runs.one.provider, "token-1");
  assert.equal(reveal(await asking), "token-1");
  assert.equal(runs.one.provider.asked.length, 1);
  assert.match(JSON.stringify(runs.records), /cannot be kept on disk.*chmod 700/);
  assert.deepEqual([...Deno.readDirSync(runs.dir.file("tokens"))], []);
});

Deno.test("cached: a run that hangs with the lock is not waited for without end", async () => {
  const time = testClock();
  const provider = testProvider(time.clock);
  const written: string[] = [];
  const store: TokenStore = {
    read: () => Promise.resolve(undefined),
    write: (key, { access }) => Promise.resolve(void written.push(`${key} ${reveal(access)}`)),
    readFailure: () => Promise.resolve(undefined),
    writeFailure: () => Promise.resolve(),
    locked: () => Promise.reject(bastionError("file-locked", { file: "f", seconds: 20 })),
  };
  const log = createLogger("test", () => {});
  const credential = cached(provider.credential, time.clock, { store, key: "who", log });
  const asking = credential.getToken("s");
  await eventually("asks itself", () => provider.asked.length === 1);
  provider.answer();
  assert.equal(reveal(await asking), "t");
  assert.equal(written.length, 1);
});

Deno.test("cached: a provider's failure is its own, and is not asked for twice", async () => {
  await using runs = await twoRuns();
  const { provider, credential } = runs.one;
  const failing = assert.rejects(credential.getToken("s"), /refused by a test/);
  await eventually("asked", () => provider.asked.length === 1);
  provider.asked[0]?.reject(new Error("refused by a test"));
  await failing;
  assert.equal(provider.asked.length, 1);
});

Deno.test("cached: a refusal is everybody's who waited for it, and nobody's who asks later", async () => {
  await using dir = await tempDir();
  const platform = createPlatform("linux", () => undefined);
  const store = tokenStore(dir.file("tokens"), platform, systemClock);
  const log = createLogger("test", () => {});
  const run = () => {
    const provider = testProvider(systemClock);
    const shared = { store, key: "who", log };
    return { provider, credential: cached(provider.credential, systemClock, shared) };
  };
  const first = run();
  const refused = [assert.rejects(first.credential.getToken("s"), { code: "credential-refused" })];
  const request = await eventually("the first asks", () => first.provider.asked[0]);
  const others = [run(), run()];
  for (const { credential } of others) {
    const failure = { code: "credential-refused", message: /no such client/ };
    refused.push(assert.rejects(credential.getToken("s"), failure));
  }
  // They have asked by now; what is refused a millisecond later was refused after that.
  await systemClock.sleep(2);
  const failure = { credential: "test", reason: "no such client" };
  request.reject(bastionError("credential-refused", failure));
  await Promise.all(refused);
  assert.deepEqual(others.map(({ provider }) => provider.asked.length), [0, 0]);

  const later = run();
  const asking = later.credential.getToken("s");
  await eventually("who asks later asks itself", () => later.provider.asked.length === 1);
  later.provider.answer();
  assert.equal(reveal(await asking), "t");
});
