import assert from "node:assert/strict";
import { tempDir } from "../tests/helpers/temp_dir.ts";
import { createPlatform } from "./platform.ts";
import { ensurePrivateDirectory } from "./private_directory.ts";

const platform = createPlatform(Deno.build.os, () => undefined);
const posix = platform.hasFileModes;

async function modeOf(path: string): Promise<number> {
  return ((await Deno.lstat(path)).mode ?? 0) & 0o777;
}

Deno.test("ensurePrivateDirectory: makes what is missing, for its owner alone, and takes it again", async () => {
  await using dir = await tempDir();
  const path = dir.file("a", "b");
  await ensurePrivateDirectory(path, platform);
  await ensurePrivateDirectory(path, platform);
  assert.ok((await Deno.stat(path)).isDirectory);
  if (!posix) return;
  assert.equal(await modeOf(path), 0o700);
  assert.equal(await modeOf(dir.file("a")), 0o700);
});

Deno.test("ensurePrivateDirectory: refuses one that others can enter, and says how to mend it", {
  ignore: !posix,
}, async () => {
  await using dir = await tempDir();
  for (const mode of [0o755, 0o710, 0o702]) {
    await Deno.chmod(dir.path, mode);
    await assert.rejects(ensurePrivateDirectory(dir.path, platform), {
      code: "private-directory-unsafe",
      message: `${dir.path} is open to other users (its mode is ${mode.toString(8)}).`,
      hint: `It holds tokens, or says where they are sent. Run: chmod 700 ${dir.path}`,
    });
  }
});

Deno.test("ensurePrivateDirectory: modes are not asked for where there are none", async () => {
  await using dir = await tempDir();
  if (posix) await Deno.chmod(dir.path, 0o777);
  await ensurePrivateDirectory(dir.path, createPlatform("windows", () => undefined));
});

Deno.test("ensurePrivateDirectory: a link is not followed", { ignore: !posix }, async () => {
  await using dir = await tempDir();
  await Deno.mkdir(dir.file("real"), { mode: 0o700 });
  await Deno.symlink(dir.file("real"), dir.file("link"));
  await assert.rejects(ensurePrivateDirectory(dir.file("link"), platform), {
    code: "private-directory-unsafe",
  });
});

Deno.test("ensurePrivateDirectory: a file in its place is named", async () => {
  await using dir = await tempDir();
  await Deno.writeTextFile(dir.file("file"), "");
  for (const path of [dir.file("file"), dir.file("file", "below")]) {
    await assert.rejects(ensurePrivateDirectory(path, platform), { code: "file-failed" });
  }
});
