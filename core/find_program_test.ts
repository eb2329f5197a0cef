import assert from "node:assert/strict";
import { tempDir } from "../tests/helpers/temp_dir.ts";
import { findProgram } from "./find_program.ts";
import { createPlatform } from "./platform.ts";

Deno.test("findProgram: the first on PATH that can be run, and never one beside the user", async () => {
  await using dir = await tempDir();
  for (const name of ["a", "b"]) await Deno.mkdir(dir.file(name));
  await Deno.writeTextFile(dir.file("a", "tool"), "", { mode: 0o644 });
  await Deno.writeTextFile(dir.file("b", "tool"), "", { mode: 0o755 });
  const find = (path: string, name = "tool") =>
    findProgram(name, createPlatform("linux", () => path));
  assert.equal(await find(`${dir.file("a")}:${dir.file("b")}`), dir.file("b", "tool"));
  assert.equal(await find(dir.file("a")), undefined);
  assert.equal(await find(dir.file("b"), "other"), undefined);
  assert.equal(await find(""), undefined);
  assert.equal(await find("", dir.file("b", "tool")), dir.file("b", "tool"));
  const before = Deno.cwd();
  Deno.chdir(dir.file("b"));
  try {
    assert.equal(await find(".:"), undefined);
  } finally {
    Deno.chdir(before);
  }
});

Deno.test("findProgram: on Windows by its endings", async () => {
  await using dir = await tempDir();
  await Deno.writeTextFile(dir.file("az.cmd"), "");
  const windows = createPlatform("windows", () => `relative;"${dir.path}"`);
  assert.equal(await findProgram("az", windows), `${dir.path}/az.cmd`);
  assert.equal(await findProgram("az.cmd", windows), `${dir.path}/az.cmd`);
});
