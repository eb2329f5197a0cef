import assert from "node:assert/strict";
import type { ICachePlugin } from "@azure/msal-node";
import { systemClock } from "../../../clock.ts";
import { createPlatform } from "../../../platform.ts";
import { type LoginFile, openLoginFile } from "./login_file.ts";

type Context = Parameters<ICachePlugin["beforeCacheAccess"]>[0];

/** MSAL's side: a cache that counts the writers it has seen. */
function context(cacheHasChanged: boolean, add = 0) {
  let count = -1;
  const tokenCache = {
    deserialize(text: string) {
      count = Number(JSON.parse(text).count ?? 0);
    },
    serialize: () => JSON.stringify({ count: count + add }),
  };
  const made = { cacheHasChanged, hasChanged: cacheHasChanged, cache: tokenCache, tokenCache };
  return { context: made as unknown as Context, count: () => count };
}

async function withFile(
  body: (file: LoginFile, another: () => LoginFile) => Promise<void>,
): Promise<void> {
  const home = await Deno.makeTempDir();
  const platform = createPlatform("linux", (name) => name === "HOME" ? home : undefined);
  const open = () => openLoginFile({ platform, clock: systemClock, memoryOnly: false });
  try {
    await body(open(), open);
  } finally {
    await Deno.remove(home, { recursive: true });
  }
}

async function write({ cachePlugin }: LoginFile, add: number): Promise<void> {
  const { context: msal } = context(true, add);
  await cachePlugin.beforeCacheAccess(msal);
  await cachePlugin.afterCacheAccess(msal);
}

Deno.test("openLoginFile: what several runs write at once is all there", () =>
  withFile(async (file, another) => {
    const runs = Array.from({ length: 8 }, () => another());
    await Promise.all(runs.flatMap((run, at) => [
      write(run, 1),
      run.update((state) => ({
        ...state,
        subscriptions: { ...state.subscriptions, [`c${at}`]: "s" },
      })),
    ]));
    const { msal, subscriptions } = await file.read();
    assert.deepEqual(JSON.parse(msal), { count: 8 });
    assert.equal(Object.keys(subscriptions).length, 8);
  }));

Deno.test("openLoginFile: MSAL's look into the cache waits for nobody and writes nothing", () =>
  withFile(async (file) => {
    const writer = context(true, 1);
    await file.cachePlugin.beforeCacheAccess(writer.context);
    const reader = context(false, 1);
    await file.cachePlugin.beforeCacheAccess(reader.context);
    await file.cachePlugin.afterCacheAccess(reader.context);
    assert.equal(reader.count(), 0);
    await assert.rejects(Deno.stat(file.path), Deno.errors.NotFound);
    await file.cachePlugin.afterCacheAccess(writer.context);
    assert.deepEqual(JSON.parse((await file.read()).msal), { count: 1 });
  }));

Deno.test("openLoginFile: a file that cannot be read keeps no lock", () =>
  withFile(async (file, another) => {
    await write(file, 1);
    await Deno.writeTextFile(file.path, "x");
    const msal = context(true, 1).context;
    await assert.rejects(file.cachePlugin.beforeCacheAccess(msal), { code: "login-file-invalid" });
    await assert.rejects(file.cachePlugin.afterCacheAccess(msal), { code: "login-file-invalid" });
    await Deno.remove(file.path);
    await write(another(), 1);
    assert.deepEqual(JSON.parse((await file.read()).msal), { count: 1 });
  }));
