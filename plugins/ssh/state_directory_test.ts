import assert from "node:assert/strict";
import type { PluginContext } from "../../core/mod.ts";
import { createPlatform } from "../../core/platform.ts";
import { tempDir } from "../../tests/helpers/temp_dir.ts";
import { hostKeyPolicy } from "./host_key_policy.ts";
import { openRunDirectory } from "./native/run_directory.ts";
import { openStateDirectory } from "./state_directory.ts";

const platform = createPlatform(Deno.build.os, () => undefined);
const posix = { ignore: !platform.hasFileModes };

function contextFor(stateDirectory: string) {
  const error = (code: string, params = {}) => Object.assign(new Error(code), { code, params });
  return { platform: { ...platform, stateDirectory }, error } as unknown as PluginContext;
}

Deno.test(
  "openStateDirectory: made for the user alone; one that others only see stays in use",
  posix,
  async () => {
    await using directory = await tempDir();
    const path = directory.file("made", "bastion");
    assert.equal(await openStateDirectory(contextFor(path)), path);
    assert.equal(((await Deno.stat(path)).mode ?? 0) & 0o777, 0o700);
    await Deno.chmod(path, 0o755);
    assert.equal(await openStateDirectory(contextFor(path)), path);
  },
);

Deno.test(
  "openStateDirectory: nothing is kept, or believed, where others may write",
  posix,
  async () => {
    await using directory = await tempDir();
    const ctx = contextFor(directory.path);
    for (const mode of [0o770, 0o702, 0o1777]) {
      await Deno.chmod(directory.path, mode);
      const unsafe = {
        code: "ssh/state-directory-unsafe",
        params: { path: directory.path, problem: "other users may write to it" },
      };
      await assert.rejects(openStateDirectory(ctx), unsafe);
      await assert.rejects(openRunDirectory(ctx), unsafe);
      await assert.rejects(hostKeyPolicy({}, ctx), unsafe);
    }
    assert.deepEqual(await Array.fromAsync(Deno.readDir(directory.path)), []);
  },
);

Deno.test("openStateDirectory: where there can be none, that is told", async () => {
  await using directory = await tempDir();
  await Deno.writeTextFile(directory.file("file"), "");
  await assert.rejects(openStateDirectory(contextFor(directory.file("file", "bastion"))), {
    code: "file-failed",
  });
});

Deno.test("openStateDirectory: Windows has no modes to look at", posix, async () => {
  await using directory = await tempDir();
  await Deno.chmod(directory.path, 0o777);
  const ctx = contextFor(directory.path);
  const windows = { ...ctx, platform: { ...ctx.platform, hasFileModes: false } };
  assert.equal(await openStateDirectory(windows), directory.path);
});
