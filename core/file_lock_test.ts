import assert from "node:assert/strict";
import { tempDir } from "../tests/helpers/temp_dir.ts";
import { systemClock } from "./clock.ts";
import { withFileLock } from "./file_lock.ts";
import { createManualClock } from "./testing/manual_clock.ts";

const clock = systemClock;

Deno.test("withFileLock: one at a time, and everybody in the end", async () => {
  await using dir = await tempDir();
  let inside = 0;
  let most = 0;
  const one = (value: number) =>
    withFileLock(dir.file("lock"), async () => {
      most = Math.max(most, ++inside);
      await clock.sleep(1);
      inside--;
      return value;
    }, { clock });
  assert.deepEqual(await Promise.all([1, 2, 3, 4].map(one)), [1, 2, 3, 4]);
  assert.equal(most, 1);
});

Deno.test("withFileLock: given back when the work fails", async () => {
  await using dir = await tempDir();
  const failing = withFileLock(dir.file("lock"), () => Promise.reject(new Error("no")), { clock });
  await assert.rejects(failing, /no/);
  assert.equal(await withFileLock(dir.file("lock"), () => Promise.resolve(1), { clock }), 1);
});

/** A process that holds the lock on `path` until it is killed. */
async function holder(path: string): Promise<Deno.ChildProcess> {
  const code = `const f = await Deno.open(${JSON.stringify(path)}, { create: true, write: true });
    f.tryLockSync(true); console.log("held"); setInterval(() => f.name, 1000);`;
  const child = new Deno.Command(Deno.execPath(), { args: ["eval", code], stdout: "piped" })
    .spawn();
  const reader = child.stdout.getReader();
  await reader.read();
  await reader.cancel();
  return child;
}

Deno.test("withFileLock: a holder that is killed holds nothing", async () => {
  await using dir = await tempDir();
  const child = await holder(dir.file("lock"));
  const waiting = withFileLock(dir.file("lock"), () => Promise.resolve("mine"), { clock });
  child.kill("SIGKILL");
  assert.equal(await waiting, "mine");
  await child.status;
});

Deno.test("withFileLock: waiting ends when its time is up, or by its signal", async () => {
  await using dir = await tempDir();
  const time = createManualClock();
  const reason = new Error("enough");
  await withFileLock(dir.file("lock"), async () => {
    const late = withFileLock(dir.file("lock"), () => Promise.reject(new Error("worked")), {
      clock: time,
      timeout: 2_000,
    });
    const ended = assert.rejects(late, { code: "file-locked", message: /for 2 s/ });
    await time.advance(3_000);
    await ended;
    const stop = new AbortController();
    const stopped = withFileLock(dir.file("lock"), () => Promise.reject(new Error("worked")), {
      clock: time,
      signal: stop.signal,
    });
    stop.abort(reason);
    await assert.rejects(stopped, reason);
  }, { clock });
});

Deno.test("withFileLock: where no file can be made, that is said", async () => {
  await using dir = await tempDir();
  const work = () => Promise.reject(new Error("worked"));
  await assert.rejects(withFileLock(dir.file("none", "lock"), work, { clock }), {
    code: "file-failed",
    message: /cannot be opened/,
  });
});
