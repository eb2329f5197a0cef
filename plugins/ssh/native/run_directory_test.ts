import assert from "node:assert/strict";
import { join } from "node:path";
import { systemClock } from "../../../core/clock.ts";
import { createPlatform } from "../../../core/platform.ts";
import { startInBackground } from "../../../tests/helpers/background_process.ts";
import { tempDir } from "../../../tests/helpers/temp_dir.ts";
import { openRunDirectory } from "./run_directory.ts";

const DAY = 24 * 60 * 60 * 1000;

function contextFor(stateDirectory: string) {
  const platform = { ...createPlatform(Deno.build.os, () => undefined), stateDirectory };
  return { platform, clock: systemClock, error: (code: string) => new Error(code) };
}

function namesIn(directory: string): string[] {
  return Array.from(Deno.readDirSync(directory), ({ name }) => name);
}

Deno.test("openRunDirectory: one that is in use stays however long it lasts, and goes with its run", async () => {
  await using state = await tempDir();
  const ctx = contextFor(state.path);
  {
    await using first = await openRunDirectory(ctx);
    const old = new Date(Date.now() - 2 * DAY);
    await Deno.utime(first.path, old, old);
    await using second = await openRunDirectory(ctx);
    assert.equal(namesIn(state.path).length, 2);
    assert.notEqual(first.path, second.path);
    if (ctx.platform.hasFileModes) {
      assert.equal(((await Deno.stat(first.path)).mode ?? 0) & 0o777, 0o700);
    }
  }
  assert.deepEqual(namesIn(state.path), []);
});

Deno.test("openRunDirectory: what a killed run has left goes with the next one", async () => {
  await using state = await tempDir();
  const script = `
    import { openRunDirectory } from ${JSON.stringify(import.meta.resolve("./run_directory.ts"))};
    const { path } = await openRunDirectory({
      platform: { stateDirectory: Deno.args[0], hasFileModes: false },
      clock: { date: () => new Date() },
    });
    Deno.writeTextFileSync(path + "/password", "secret");
    console.log("ready");
    setInterval(() => {}, 1000);`;
  const file = state.file("killed.ts");
  await Deno.writeTextFile(file, script);
  const directory = state.file("state");
  {
    await using killed = startInBackground(
      [Deno.execPath(), "run", "-A", "--no-check", file, directory],
      { endSignal: "SIGKILL" },
    );
    await killed.output("stdout", /ready/);
    await using _beside = await openRunDirectory(contextFor(directory));
    assert.equal(namesIn(directory).length, 2, "it lives, and is left alone");
  }
  const [left = ""] = namesIn(directory);
  assert.ok(namesIn(join(directory, left)).includes("password"));
  await using next = await openRunDirectory(contextFor(directory));
  assert.deepEqual(namesIn(directory).map((name) => join(directory, name)), [next.path]);
});

Deno.test("openRunDirectory: many that begin and end at once leave each other alone", async () => {
  await using state = await tempDir();
  const ctx = contextFor(state.path);
  await Promise.all(Array.from({ length: 20 }, async () => {
    for (let i = 0; i < 20; i++) {
      await using made = await openRunDirectory(ctx);
      assert.ok((await Deno.stat(made.path)).isDirectory);
    }
  }));
  assert.deepEqual(namesIn(state.path), []);
});
