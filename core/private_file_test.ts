import assert from "node:assert/strict";
import { tempDir } from "../tests/helpers/temp_dir.ts";
import type { Dpapi } from "./dpapi.ts";
import { createPlatform } from "./platform.ts";
import { privateFile } from "./private_file.ts";

const linux = createPlatform("linux", () => undefined);
const windows = createPlatform("windows", () => undefined);

Deno.test("privateFile: written, read, written anew and removed", async () => {
  await using dir = await tempDir();
  const path = dir.file("own", "file.json");
  const file = privateFile(path, linux);
  assert.equal(await file.read(), undefined);
  await file.write("one");
  await file.write("two é");
  assert.equal(await file.read(), "two é");
  assert.equal(((await Deno.stat(path)).mode ?? 0) & 0o777, 0o600);
  assert.equal(((await Deno.stat(dir.file("own"))).mode ?? 0) & 0o777, 0o700);
  assert.deepEqual([...Deno.readDirSync(dir.file("own"))].map(({ name }) => name), ["file.json"]);
  await file.remove();
  await file.remove();
  assert.equal(await file.read(), undefined);
});

Deno.test("privateFile: what others may read, or have put there, is not used", async () => {
  await using dir = await tempDir();
  const path = dir.file("file");
  const file = privateFile(path, linux);
  const unsafe = (message: RegExp, hint: RegExp) =>
    assert.rejects(file.read(), { code: "private-file-unsafe", message, hint });
  await Deno.writeTextFile(path, "planted");
  for (const mode of [0o640, 0o604, 0o620]) {
    await Deno.chmod(path, mode);
    await unsafe(new RegExp(`its mode is ${mode.toString(8)}`), /chmod 600 .*file/);
  }
  await Deno.remove(path);
  await Deno.writeTextFile(dir.file("elsewhere"), "planted", { mode: 0o600 });
  await Deno.symlink(dir.file("elsewhere"), path);
  await unsafe(/it is a link/, /rm .*file/);
  await file.write("own");
  assert.equal(await file.read(), "own");
  assert.equal(await Deno.readTextFile(dir.file("elsewhere")), "planted");
  await Deno.remove(path);
  await Deno.mkdir(path);
  await unsafe(/it is not a file/, /Move/);
});

Deno.test("privateFile: a remedy can be pasted, whatever the directory is called", async () => {
  await using dir = await tempDir();
  const path = dir.file("Application Support", "file");
  await Deno.mkdir(dir.file("Application Support"), { mode: 0o700 });
  const file = privateFile(path, linux);
  await Deno.writeTextFile(path, "open");
  await Deno.chmod(path, 0o644);
  await assert.rejects(file.read(), { hint: `It holds tokens. Run: chmod 600 '${path}'` });
  await Deno.remove(path);
  await Deno.symlink(dir.file("elsewhere"), path);
  await assert.rejects(file.read(), { hint: `It holds tokens. Remove it: rm '${path}'` });
  await Deno.chmod(dir.file("Application Support"), 0o755);
  await assert.rejects(file.write("x"), {
    code: "private-directory-unsafe",
    hint: `It holds tokens, or says where they are sent. Run: chmod 700 '${
      dir.file("Application Support")
    }'`,
  });
});

Deno.test("privateFile: an open directory gets nothing, and a failure leaves nothing behind", async () => {
  await using dir = await tempDir();
  await Deno.mkdir(dir.file("open"));
  await Deno.chmod(dir.file("open"), 0o755);
  await assert.rejects(privateFile(dir.file("open", "file"), linux).write("x"), {
    code: "private-directory-unsafe",
  });
  await Deno.mkdir(dir.file("own", "file"), { recursive: true });
  await Deno.chmod(dir.file("own"), 0o700);
  await assert.rejects(privateFile(dir.file("own", "file"), linux).write("x"), {
    code: "file-failed",
    message: /cannot be written/,
  });
  assert.equal([...Deno.readDirSync(dir.file("own"))].length, 1);
});

Deno.test("privateFile: on Windows the text is protected, for its directory and from its file", async () => {
  await using dir = await tempDir();
  const path = dir.file("file");
  const asked: string[] = [];
  const dpapi: Dpapi = {
    protect(text, directory) {
      asked.push(`protect for ${directory}`);
      return Promise.resolve(btoa(text));
    },
    unprotect(text, file) {
      asked.push(`unprotect from ${file}`);
      return Promise.resolve(atob(text));
    },
  };
  const file = privateFile(path, windows, dpapi);
  await file.write("secret");
  assert.equal(await Deno.readTextFile(path), btoa("secret"));
  // There are no modes on Windows that would say anything.
  await Deno.chmod(path, 0o644);
  assert.equal(await file.read(), "secret");
  assert.deepEqual(asked, [`protect for ${dir.path}`, `unprotect from ${path}`]);
});
