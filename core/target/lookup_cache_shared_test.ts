/** The lookup cache of several runs at once. */

import assert from "node:assert/strict";
import { runSuccessfully } from "../../tests/helpers/run.ts";
import { tempDir } from "../../tests/helpers/temp_dir.ts";
import { systemClock } from "../clock.ts";
import { bastionError, isBastionError } from "../errors.ts";
import { createLogger } from "../logger.ts";
import { createPlatform } from "../platform.ts";
import { createLookupCache, type Lookup } from "./lookup_cache.ts";

const FULL = Deno.env.get("BASTION_TEST_FULL") === "1";
const isText = (value: unknown): value is string => typeof value === "string";

/** One run's; files, locks and time are real. */
const cacheAt = (path: string, identity = "AzureCloud someone") =>
  createLookupCache({
    path,
    identity,
    platform: createPlatform("linux", () => undefined),
    clock: systemClock,
    log: createLogger("test", () => {}),
  });

/** Counts how often Azure is asked. */
function counted(answer: string) {
  const asked = { times: 0, look: () => Promise.resolve(`${answer} ${++asked.times}`) };
  return asked;
}

/** One that asks while another looks; what it is given is the other's, or what it finds itself. */
async function whileAnotherLooks(
  path: string,
  look: () => Promise<string>,
  lookup: Pick<Lookup<string>, "lifetime"> = {},
) {
  const cache = () => cacheAt(path);
  const [looking, go] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const asked = { times: 0 };
  const get = (work: () => Promise<string>) =>
    cache().get({
      ...lookup,
      key: ["a"],
      is: isText,
      look: () => {
        asked.times++;
        return work();
      },
    });
  const first = get(async () => {
    looking.resolve();
    await go.promise;
    return await look();
  });
  await looking.promise;
  const second = get(look);
  // It has asked by now; what is found a millisecond later was found after that.
  await systemClock.sleep(2);
  go.resolve();
  return { asked, get, both: await Promise.allSettled([first, second]) };
}

Deno.test("lookups: a failure is everybody's who waited for it, and nobody's who asks later", async () => {
  await using directory = await tempDir();
  const path = directory.file("lookups.json");
  const fail = () =>
    Promise.reject(bastionError("vm-not-found", { vm: "app/web1", subscription: "dev" }));
  const { asked, get, both } = await whileAnotherLooks(path, fail);
  assert.equal(asked.times, 1);
  for (const result of both) {
    assert.ok(result.status === "rejected" && isBastionError(result.reason, "vm-not-found"));
    assert.match(result.reason.message, /app\/web1/);
  }
  assert.equal((await get(() => Promise.resolve("there now"))).value, "there now");
});

Deno.test("lookups: what is no error of ours is nobody else's", async () => {
  await using directory = await tempDir();
  const path = directory.file("lookups.json");
  const { asked, both } = await whileAnotherLooks(
    path,
    () => Promise.reject(new Error("a defect")),
  );
  assert.deepEqual([asked.times, both.map(({ status }) => status)], [2, ["rejected", "rejected"]]);
});

Deno.test("lookups: an answer may count for less long, and yet for all that waited for it", async () => {
  await using directory = await tempDir();
  const path = directory.file("lookups.json");
  const lifetime = (value: string) => value === "down" ? 0 : 60_000;
  const down = await whileAnotherLooks(path, () => Promise.resolve("down"), { lifetime });
  assert.equal(down.asked.times, 1);
  assert.ok(down.both.every((one) => one.status === "fulfilled" && one.value.value === "down"));
  assert.equal((await down.get(() => Promise.resolve("up"))).value, "up");
});

Deno.test("lookups: one may ask for another of another kind, whatever locks they share", async () => {
  await using directory = await tempDir();
  const cache = cacheAt(directory.file("lookups.json"));
  for (let i = 0; i < 40; i++) {
    const inner = () =>
      cache.get({ key: ["inner", `${i}`], is: isText, look: () => Promise.resolve("found") });
    const { value } = await cache.get({
      key: ["outer", `${i}`],
      is: isText,
      look: async () => (await inner()).value,
    });
    assert.equal(value, "found");
  }
});

Deno.test("lookups: many at once in one process ask once", async () => {
  await using directory = await tempDir();
  const path = directory.file("lookups.json");
  const asked = counted("answer");
  const all = await Promise.all(Array.from(
    { length: 20 },
    () => cacheAt(path).get({ key: ["a"], is: isText, look: asked.look }),
  ));
  assert.equal(asked.times, 1);
  assert.ok(all.every(({ value }) => value === "answer 1"));
});

Deno.test("lookups: a signal ends the wait for another's lookup", async () => {
  await using directory = await tempDir();
  const path = directory.file("lookups.json");
  const cache = () => cacheAt(path);
  const answer = Promise.withResolvers<string>();
  const looking = Promise.withResolvers<void>();
  const first = cache().get({
    key: ["a"],
    is: isText,
    look() {
      looking.resolve();
      return answer.promise;
    },
  });
  await looking.promise;
  const reason = new Error("enough");
  const never = () => Promise.reject(new Error("it must not ask itself"));
  const signal = AbortSignal.abort(reason);
  await assert.rejects(cache().get({ key: ["a"], is: isText, look: never, signal }), reason);
  answer.resolve("late");
  assert.equal((await first).value, "late");
});

Deno.test("lookups: many processes at once ask once", async () => {
  await using directory = await tempDir();
  const urlOf = (path: string) => JSON.stringify(new URL(path, import.meta.url).href);
  await Deno.writeTextFile(
    directory.file("look.ts"),
    `import { systemClock } from ${urlOf("../clock.ts")};
    import { createLogger } from ${urlOf("../logger.ts")};
    import { createPlatform } from ${urlOf("../platform.ts")};
    import { createLookupCache } from ${urlOf("./lookup_cache.ts")};
    const [path = "", asked = ""] = Deno.args;
    const cache = createLookupCache({
      path,
      identity: "someone",
      platform: createPlatform(Deno.build.os, () => undefined),
      clock: systemClock,
      log: createLogger("test", (record) => console.error(record)),
    });
    const { value } = await cache.get({
      key: ["a"],
      is: (value: unknown): value is string => typeof value === "string",
      async look() {
        await Deno.writeTextFile(asked, "x", { append: true });
        return "answer";
      },
    });
    console.log(value);`,
  );
  const command = [
    ...[
      "run",
      "-A",
      "--no-check",
      `--config=${new URL("../../deno.json", import.meta.url).pathname}`,
    ],
    ...[
      directory.file("look.ts"),
      directory.file("state", "lookups.json"),
      directory.file("asked"),
    ],
  ];
  const runs = await Promise.all(Array.from(
    { length: FULL ? 100 : 6 },
    () => runSuccessfully([Deno.execPath(), ...command]),
  ));
  assert.deepEqual(new Set(runs.map(({ stdout }) => stdout)), new Set(["answer\n"]));
  assert.equal(await Deno.readTextFile(directory.file("asked")), "x");
});

Deno.test("lookups: a cloud that does not answer holds up nobody who asks another", async () => {
  await using directory = await tempDir();
  const path = directory.file("lookups.json");
  const silent = Promise.withResolvers<string>();
  const looking = Promise.withResolvers<void>();
  const lookup = { key: ["a"], is: isText };
  const held = cacheAt(path).get({
    ...lookup,
    look: () => {
      looking.resolve();
      return silent.promise;
    },
  });
  await looking.promise;
  // More than there are locks for one identity.
  for (let i = 0; i < 40; i++) {
    const look = () => Promise.resolve(`answer ${i}`);
    const { value } = await cacheAt(path, `${String.fromCharCode(65 + i)} someone`).get({
      ...lookup,
      look,
    });
    assert.equal(value, `answer ${i}`);
  }
  silent.resolve("late");
  assert.equal((await held).value, "late");
});
