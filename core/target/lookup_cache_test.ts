import assert from "node:assert/strict";
import { tempDir } from "../../tests/helpers/temp_dir.ts";
import type { Clock } from "../clock.ts";
import { createLogger } from "../logger.ts";
import { createPlatform } from "../platform.ts";
import { createManualClock } from "../testing/manual_clock.ts";
import { createLookupCache, type LookupCache, type LookupCacheOptions } from "./lookup_cache.ts";

const platform = createPlatform("linux", () => undefined);
const isText = (value: unknown): value is string => typeof value === "string";

function cacheAt(
  path: string,
  options: Partial<LookupCacheOptions> & { readonly clock: Clock },
): LookupCache {
  return createLookupCache({
    path,
    identity: "AzureCloud someone",
    platform,
    log: createLogger("test", () => {}),
    ...options,
  });
}

/** Counts how often Azure is asked. */
function counted(answer: string) {
  const asked = { times: 0, look: () => Promise.resolve(`${answer} ${++asked.times}`) };
  return asked;
}

Deno.test("lookups: kept for ten minutes, for every later run", async () => {
  await using directory = await tempDir();
  const clock = createManualClock();
  const path = directory.file("state", "lookups.json");
  const { look } = counted("answer");
  const get = (key: string) => cacheAt(path, { clock }).get({ key: [key], is: isText, look });
  assert.deepEqual(await get("a"), { value: "answer 1", kept: false });
  await clock.advance(599_000);
  assert.deepEqual(await get("a"), { value: "answer 1", kept: true });
  assert.deepEqual(await get("b"), { value: "answer 2", kept: false });
  await clock.advance(1_000);
  assert.deepEqual(await get("a"), { value: "answer 3", kept: false });
  assert.deepEqual(await get("b"), { value: "answer 2", kept: true });
  const { mode } = await Deno.stat(path);
  if (Deno.build.os !== "windows") assert.equal((mode ?? 0) & 0o777, 0o600);
});

Deno.test("lookups: an answer may count for less long", async () => {
  await using directory = await tempDir();
  const clock = createManualClock();
  const path = directory.file("lookups.json");
  const lifetime = () => 60_000;
  const { look } = counted("answer");
  const get = () => cacheAt(path, { clock }).get({ key: ["a"], is: isText, look, lifetime });
  await get();
  await clock.advance(59_000);
  assert.deepEqual(await get(), { value: "answer 1", kept: true });
  await clock.advance(1_000);
  assert.deepEqual(await get(), { value: "answer 2", kept: false });
});

Deno.test("lookups: another credential's or cloud's answers are not ours", async () => {
  await using directory = await tempDir();
  const clock = createManualClock();
  const path = directory.file("lookups.json");
  const { look } = counted("answer");
  for (const identity of ["AzureCloud ann", "AzureCloud bob", "AzureChinaCloud ann"]) {
    const { kept } = await cacheAt(path, { clock, identity }).get({ key: ["a"], is: isText, look });
    assert.equal(kept, false, identity);
  }
});

Deno.test("lookups: refresh takes no earlier run's answer, and keeps its own", async () => {
  await using directory = await tempDir();
  const clock = createManualClock();
  const path = directory.file("lookups.json");
  const { look } = counted("answer");
  const ask = (cache: LookupCache) => cache.get({ key: ["a"], is: isText, look });
  await ask(cacheAt(path, { clock }));
  await clock.advance(1_000);
  const refreshing = cacheAt(path, { clock, refresh: true });
  assert.deepEqual(await ask(refreshing), { value: "answer 2", kept: false });
  assert.deepEqual(await ask(refreshing), { value: "answer 2", kept: true });
  assert.deepEqual(await ask(cacheAt(path, { clock })), { value: "answer 2", kept: true });
});

Deno.test("lookups: what is wrong by now is forgotten, by key and by resource", async () => {
  await using directory = await tempDir();
  const cache = cacheAt(directory.file("lookups.json"), { clock: createManualClock() });
  const is = (value: unknown): value is { id: string } => value !== undefined;
  const get = (key: string, id: string) =>
    cache.get({ key: [key], is, look: () => Promise.resolve({ id }) });
  await get("a", "/x/One");
  await get("b", "/x/two");
  await get("c", "/x/one2");
  await cache.forget([["b"], ["never"]]);
  assert.equal((await get("b", "/x/two")).kept, false);
  await cache.forgetResources(["/X/ONE"]);
  assert.equal((await get("a", "/x/One")).kept, false);
  assert.equal((await get("c", "/x/one2")).kept, true, "another id that begins like it");
});

Deno.test("lookups: a failure is not kept, and is the caller's", async () => {
  await using directory = await tempDir();
  const cache = cacheAt(directory.file("lookups.json"), { clock: createManualClock() });
  const failure = new Error("no such VM");
  const asked = { times: 0 };
  const look = () => {
    asked.times++;
    return Promise.reject<string>(failure);
  };
  for (let i = 0; i < 2; i++) {
    await assert.rejects(cache.get({ key: ["a"], is: isText, look }), failure);
  }
  assert.equal(asked.times, 2, "once each");
});

Deno.test("lookups: a file that makes no sense is as good as none, and is replaced", async () => {
  await using directory = await tempDir();
  const path = directory.file("lookups.json");
  const clock = createManualClock();
  const key = JSON.stringify(["AzureCloud someone", "a"]);
  const at = clock.date().getTime();
  const contents = [
    "",
    "{",
    "[]",
    "null",
    '{"lookups": 7}',
    JSON.stringify({ lookups: { [key]: 7 } }),
    JSON.stringify({ lookups: { [key]: { at: "now", value: "old" } } }),
    JSON.stringify({ lookups: { [key]: { at, value: { not: "text" } } } }),
    JSON.stringify({ lookups: { [key]: { at, failure: { code: "vm-not-found", params: 7 } } } }),
    // Written by a clock that went wrong.
    JSON.stringify({ lookups: { [key]: { at: at + 60_000, value: "old" } } }),
    "\u0000\u0001",
  ];
  for (const content of contents) {
    await Deno.writeTextFile(path, content, { mode: 0o600 });
    const ask = () =>
      cacheAt(path, { clock }).get({ key: ["a"], is: isText, look: counted("answer").look });
    assert.deepEqual(await ask(), { value: "answer 1", kept: false }, content);
    assert.deepEqual(await ask(), { value: "answer 1", kept: true }, content);
  }
});

Deno.test("lookups: where nothing can be kept, everything is looked up", async () => {
  await using directory = await tempDir();
  await Deno.writeTextFile(directory.file("file"), "");
  const clock = createManualClock();
  const { look } = counted("answer");
  const inFile = cacheAt(directory.file("file", "lookups.json"), { clock });
  assert.deepEqual(await inFile.get({ key: ["a"], is: isText, look }), {
    value: "answer 1",
    kept: false,
  });
  const without = createLookupCache({
    identity: "",
    platform,
    clock,
    log: createLogger("test", () => {}),
  });
  for (const value of ["answer 2", "answer 3"]) {
    assert.deepEqual(await without.get({ key: ["a"], is: isText, look }), { value, kept: false });
  }
  await without.forget([["a"]]);
});

Deno.test("lookups: the oldest go where there are too many", async () => {
  await using directory = await tempDir();
  const path = directory.file("lookups.json");
  const clock = createManualClock();
  const at = clock.date().getTime();
  const keyOf = (i: number) => JSON.stringify(["AzureCloud someone", `k${i}`]);
  const lookups = Object.fromEntries(
    Array.from({ length: 600 }, (_, i) => [keyOf(i), { at: at - i, value: `old ${i}` }]),
  );
  await Deno.writeTextFile(path, JSON.stringify({ lookups }), { mode: 0o600 });
  await cacheAt(path, { clock }).get({ key: ["new"], is: isText, look: counted("new").look });
  const kept = Object.keys(JSON.parse(await Deno.readTextFile(path)).lookups);
  assert.equal(kept.length, 500);
  assert.ok(kept.includes(keyOf(498)) && !kept.includes(keyOf(499)));
});
