import assert from "node:assert/strict";
import { confinedPath, normalPath, OutsideError } from "./confined_path.ts";

async function withRoot(body: (root: string, outside: string) => Promise<void>): Promise<void> {
  const base = await Deno.realPath(await Deno.makeTempDir());
  try {
    await Deno.mkdir(`${base}/root/dir`, { recursive: true });
    await Deno.mkdir(`${base}/root-not`);
    await Deno.writeTextFile(`${base}/root/dir/file`, "inside");
    await Deno.writeTextFile(`${base}/root-not/secret`, "outside");
    await body(`${base}/root`, `${base}/root-not`);
  } finally {
    await Deno.remove(base, { recursive: true });
  }
}

Deno.test("dots end at the root", () => {
  assert.equal(normalPath("../../etc/passwd"), "/etc/passwd");
  assert.equal(normalPath("."), "/");
  assert.equal(normalPath("/a/./b/../c/"), "/a/c");
});

Deno.test("paths are the root's own, whether they begin with a slash or not", async () => {
  await withRoot(async (root) => {
    assert.equal(await confinedPath(root, "dir/file", true), `${root}/dir/file`);
    assert.equal(await confinedPath(root, "/dir/file", true), `${root}/dir/file`);
    assert.equal(await confinedPath(root, "/dir/../../../dir/new", true), `${root}/dir/new`);
    assert.equal(await confinedPath(root, "/..", true), root);
    await assert.rejects(confinedPath(root, "/nowhere/file", true), { code: "ENOENT" });
    await assert.rejects(confinedPath(root, "/a\0b", true), OutsideError);
  });
});

Deno.test("links that lead out are refused, as the last name and before it", async () => {
  await withRoot(async (root, outside) => {
    await Deno.symlink(outside, `${root}/out`);
    await Deno.symlink(`${outside}/secret`, `${root}/secret`);
    await Deno.symlink("../../root-not/secret", `${root}/dir/relative`);
    for (const path of ["/out", "/out/secret", "/out/new", "/secret", "/dir/relative"]) {
      await assert.rejects(confinedPath(root, path, true), OutsideError, path);
    }
    // The link itself is inside: it may be looked at and removed.
    assert.equal(await confinedPath(root, "/secret", false), `${root}/secret`);
    await assert.rejects(confinedPath(root, "/out/secret", false), OutsideError);
  });
});

Deno.test("links within the root are followed; one to nothing creates nothing outside", async () => {
  await withRoot(async (root, outside) => {
    await Deno.symlink("dir/file", `${root}/good`);
    assert.equal(await confinedPath(root, "/good", true), `${root}/dir/file`);
    await Deno.symlink(`${outside}/created`, `${root}/dangling`);
    await assert.rejects(confinedPath(root, "/dangling", true), { code: "ENOENT" });
  });
});
