import assert from "node:assert/strict";
import { join } from "node:path";
import { isBastionError } from "../errors.ts";
import { findNode } from "./config_node.ts";
import { openConfig } from "./open_config.ts";

async function open(
  content: string | Uint8Array,
  options: { asked?: boolean; profile?: string } = {},
) {
  const directory = await Deno.makeTempDir();
  try {
    const file = join(directory, "config.yaml");
    await Deno.writeFile(file, typeof content === "string" ? utf8(content) : content);
    const opened = await openConfig({ file, asked: true, ...options });
    const { failure } = opened;
    const said = failure === undefined
      ? ""
      : isBastionError(failure)
      ? `${failure.code} ${failure.message.replaceAll(file, "F")} ${failure.hint}`
      : String(failure);
    return { ...opened, said };
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

const wrong: readonly [string, string | Uint8Array, RegExp][] = [
  ["tabs", "a:\n\tb: 1\n", /^config-invalid F:2:1: it is not YAML: Tabs/],
  ["bad indentation", "a:\n  b: 1\n c: 2\n", /^config-invalid F:3:1: it is not YAML: /],
  ["an open quote", 'a: "x\n', /^config-invalid F:\d:\d+: it is not YAML: /],
  ["a key twice", "a: 1\nb:\n  c: 1\n  c: 2\n", /F:4:3: c stands here a second time.*in line 3/],
  ["two documents", "a: 1\n---\nb: 2\n", /^config-invalid F:\d:1: it is not YAML: /],
  ["an unknown tag", "a: !run x\n", /^config-invalid F:1:4: it is not YAML: Unresolved tag/],
  ["an alias", "a: &x [1]\nb: *x\n", /F:2:4: it uses a YAML alias/],
  [
    "a bomb of aliases",
    "a: &a [x,x]\nb: &b [*a,*a]\nc: &c {k: *b}\nd: *c\n",
    /it uses a YAML alias/,
  ],
  ["brackets without end", "[".repeat(200_000), /^config-invalid F:1:\d+: it is nested too deeply/],
  ["more levels than needed", "a: ".padEnd(83, "{a: ") + "1".padEnd(21, "}"), /nested too deeply/],
  ["a key that is no text", "? [a]\n: 1\n", /a key is no text/],
  ["no key", ": 1\n", /a key is no text/],
  [
    "bytes that are no text",
    new Uint8Array([0xff, 0xfe, 0x61, 0x00]),
    /F:1:1: it is no text in UTF-8/,
  ],
  ["zero bytes", "a: 1\0\n", /F:1:1: it is no text in UTF-8/],
  ["10 MiB", new Uint8Array(10 * 1024 * 1024).fill(0x61), /F:1:1: it is larger than 256 KiB/],
  [
    "an escape sequence in a key",
    '"\x1b[31mx": 1\n"\x1b[31mx": 2\n',
    /F:2:1: \\u001b\[31mx stands here a second time/,
  ],
];
for (const [what, content, expected] of wrong) {
  Deno.test(`a config file with ${what} is refused, and its place named`, async () => {
    const { said, root } = await open(content);
    assert.match(said, expected);
    assert.equal(root, undefined);
  });
}

Deno.test("a config file of very many keys is read in no time", async () => {
  const { root, said } = await open(
    Array.from({ length: 20_000 }, (_, index) => `k${index}: 1`).join("\n"),
  );
  assert.equal(said, "");
  assert.equal(root?.kind === "record" && root.entries.length, 20_000);
});

Deno.test("scalars keep their text, and everything its place", async () => {
  const { root } = await open('\ufeff# c\na:\n  b: "1"\n  "c d": 022\n  e:\n  f: [x]\n');
  assert.ok(root);
  assert.deepEqual(findNode(root, ["a", "b"]), {
    key: "b",
    place: { line: 3, column: 3 },
    value: { kind: "scalar", text: "1", place: { line: 3, column: 6 } },
  });
  const value = (key: string) => findNode(root, ["a", key])?.value;
  assert.deepEqual(value("c d"), { kind: "scalar", text: "022", place: { line: 4, column: 10 } });
  const empty = value("e");
  assert.equal(empty?.kind === "scalar" ? empty.text : "?", undefined);
  assert.equal(value("f")?.kind, "list");
  assert.equal(value("toString"), undefined);
});

Deno.test("a file that nobody named need not exist, one that was named must", async () => {
  const file = join(await Deno.makeTempDir(), "none.yaml");
  assert.deepEqual(await openConfig({ file, asked: false }), { file });
  const { failure } = await openConfig({ file, asked: true });
  assert.ok(isBastionError(failure, "file-failed"));
  const directory = await openConfig({ file: await Deno.makeTempDir(), asked: true });
  assert.ok(isBastionError(directory.failure, "file-failed"));
});

Deno.test("a path that is relative for want of a home is not followed", async () => {
  const { failure, root } = await openConfig({ file: "deno.json", asked: false });
  assert.deepEqual([failure, root], [undefined, undefined]);
});

Deno.test("the profile is the user's, else the file's; an unknown one is named", async () => {
  const text = "profile: work\nprofiles:\n  work: {}\n  home: {}\n";
  assert.equal((await open(text)).profile, "work");
  assert.equal((await open(text, { profile: "home" })).profile, "home");
  assert.equal((await open("a: 1")).profile, undefined);
  assert.match(
    (await open(text, { profile: "hom" })).said,
    /^profile-unknown There is no profile hom in the config file F\. Did you mean home\?/,
  );
  assert.match(
    (await open("profile: x\nprofiles:\n  work:\n")).said,
    /^config-invalid F:1:1: there is no profile x\. It has: work\./,
  );
  assert.match((await open("a: 1", { profile: "x" })).said, /profile-unknown .* It has none/);
});
