import assert from "node:assert/strict";
import { dirname } from "node:path";
import { tempDir } from "../../tests/helpers/temp_dir.ts";
import { writeRdpFile } from "./rdp_file.ts";

const doors = {
  error: (code: string, params = {}, cause?: unknown) =>
    Object.assign(new Error(JSON.stringify(params), { cause }), { code }),
};
const posix = Deno.build.os !== "windows";
const modeOf = async (path: string) => ((await Deno.stat(path)).mode ?? 0) & 0o777;
const utf16 = (text: string) =>
  new Uint8Array([
    0xff,
    0xfe,
    ...[...text].flatMap((c) => [c.charCodeAt(0) & 0xff, c.charCodeAt(0) >> 8]),
  ]);

Deno.test("writeRdpFile: a file and a directory for their owner alone, gone at the end", async () => {
  let path: string;
  {
    await using file = await writeRdpFile({ port: 7, user: "ann" }, undefined, doors);
    path = file.path;
    assert.match(
      await Deno.readTextFile(path),
      /^full address:s:localhost:7\r\n.*username:s:ann\r\n$/s,
    );
    if (posix) {
      assert.equal(await modeOf(path), 0o600);
      assert.equal(await modeOf(dirname(path)), 0o700);
    }
  }
  await assert.rejects(Deno.stat(dirname(path)), Deno.errors.NotFound);
});

Deno.test("writeRdpFile: a name that is not ASCII is written as Windows does", async () => {
  await using file = await writeRdpFile({ port: 7, user: "jürgen" }, undefined, doors);
  const bytes = await Deno.readFile(file.path);
  assert.deepEqual([...bytes.slice(0, 2)], [0xff, 0xfe]);
  assert.match(new TextDecoder("utf-16le").decode(bytes), /username:s:jürgen\r\n$/);
});

Deno.test("writeRdpFile: a file that is to stay keeps what it says", async () => {
  await using directory = await tempDir();
  const path = directory.file("win1.RDP");
  {
    await using file = await writeRdpFile({ port: 7 }, path, doors);
    assert.equal(file.path, path);
  }
  if (posix) assert.equal(await modeOf(path), 0o600);
  for (const encode of [(text: string) => new TextEncoder().encode(text), utf16]) {
    await Deno.writeFile(path, encode("full address:s:x\r\naudiomode:i:2\r\n"));
    {
      await using _file = await writeRdpFile({ port: 9 }, path, doors);
    }
    const text = await Deno.readTextFile(path);
    assert.match(text, /^full address:s:localhost:9\r\n/);
    assert.match(text, /\r\naudiomode:i:2\r\n$/);
  }
  assert.deepEqual([...Deno.readDirSync(directory.path)].map(({ name }) => name), ["win1.RDP"]);
});

Deno.test("writeRdpFile: a file of another kind is left as it is", async () => {
  await using directory = await tempDir();
  const name = directory.file("x.rdp");
  const contents = [
    new TextEncoder().encode("my notes\n"),
    new Uint8Array([0xc3, 0x28]),
    new Uint8Array(1024 * 1024 + 1),
  ];
  for (const content of contents) {
    await Deno.writeFile(name, content);
    await assert.rejects(writeRdpFile({ port: 7 }, name, doors), { code: "rdp/file-odd" });
    assert.deepEqual(await Deno.readFile(name), content);
  }
  const odd = directory.file("notes.txt");
  await assert.rejects(writeRdpFile({ port: 7 }, odd, doors), { code: "rdp/file-odd" });
  await Deno.mkdir(directory.file("d.rdp"));
  const folder = directory.file("d.rdp");
  await assert.rejects(writeRdpFile({ port: 7 }, folder, doors), { code: "rdp/file-odd" });
  const nowhere = directory.file("nowhere", "x.rdp");
  await assert.rejects(writeRdpFile({ port: 7 }, nowhere, doors), { code: "file-failed" });
});
