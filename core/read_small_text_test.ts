import assert from "node:assert/strict";
import { tempDir } from "../tests/helpers/temp_dir.ts";
import { readSmallText } from "./read_small_text.ts";
import { readSome } from "./read_some.ts";

Deno.test("a file is read whole, up to the limit and no further", async () => {
  await using directory = await tempDir();
  const file = directory.file("file");
  const text = "é".repeat(100_000);
  await Deno.writeTextFile(file, text);
  assert.equal(await readSmallText(file, 200_000), text);
  await assert.rejects(readSmallText(file, 199_999), /larger than 195\.\d+ KiB/);
  assert.equal((await readSome(file, 70_000)).length, 70_000);
  await Deno.writeTextFile(file, "");
  assert.equal(await readSmallText(file, 1024), "");
  await assert.rejects(readSmallText(directory.file("none"), 1024), Deno.errors.NotFound);
  await assert.rejects(readSmallText(directory.path, 1024), /directory/i);
});

Deno.test({
  name: "what has no end is not read for ever",
  ignore: Deno.build.os === "windows",
  async fn() {
    await assert.rejects(readSmallText("/dev/zero", 1024 * 1024), /larger than 1024 KiB/);
  },
});
