import assert from "node:assert/strict";
import type { PluginContext } from "../../core/mod.ts";
import { createPlatform } from "../../core/platform.ts";
import { tempDir } from "../../tests/helpers/temp_dir.ts";
import { hostKeyPolicy } from "./host_key_policy.ts";

const platform = createPlatform(Deno.build.os, () => undefined);

function contextFor(stateDirectory: string) {
  const error = (code: string, params = {}) => Object.assign(new Error(code), { code, params });
  const log = { warning: () => {} };
  return { platform: { ...platform, stateDirectory }, error, log } as unknown as PluginContext;
}

Deno.test("hostKeyPolicy: the file is made for the user alone, ours and another", async () => {
  await using directory = await tempDir();
  const state = directory.file("state");
  const asked = directory.file("a", "b", "known");
  const ctx = contextFor(state);
  for (
    const [options, file] of [
      [{}, `${state}/known_hosts`],
      [{ "known-hosts": asked }, asked],
    ] as const
  ) {
    const policy = await hostKeyPolicy(options, ctx);
    assert.equal(policy.check, "accept-new");
    assert.equal(await Deno.realPath(policy.file ?? ""), await Deno.realPath(file));
    if (platform.hasFileModes) assert.equal(((await Deno.stat(file)).mode ?? 0) & 0o777, 0o600);
    await Deno.writeTextFile(file, "vm key\n");
    await hostKeyPolicy(options, ctx);
    assert.equal(await Deno.readTextFile(file), "vm key\n", "what is there stays");
  }
});

Deno.test("hostKeyPolicy: where a new key cannot be kept, none is accepted", async () => {
  await using directory = await tempDir();
  await Deno.writeTextFile(directory.file("file"), "");
  const ctx = contextFor(directory.file("state"));
  for (const file of [directory.path, directory.file("file", "known")]) {
    await assert.rejects(hostKeyPolicy({ "known-hosts": file }, ctx), {
      code: "ssh/known-hosts-unusable",
    });
  }
});

Deno.test("hostKeyPolicy: nothing is made where nothing would be kept", async () => {
  await using directory = await tempDir();
  const file = directory.file("missing", "known");
  const ctx = contextFor(directory.file("state"));
  for (const check of ["strict", "off"] as const) {
    const options = { "known-hosts": file, "host-key-check": check };
    assert.deepEqual(await hostKeyPolicy(options, ctx), { check, file });
  }
  assert.deepEqual(await Array.fromAsync(Deno.readDir(directory.path)), []);
  const nowhere = Deno.build.os === "windows" ? "NUL" : "/dev/null";
  const kept = await hostKeyPolicy({ "known-hosts": nowhere }, ctx);
  assert.deepEqual(kept, { check: "accept-new", file: nowhere });
});
