import assert from "node:assert/strict";
import { fromServer, toServer } from "./sftp_attributes.ts";

Deno.test("sftpAttributes: kinds, bits and times", () => {
  const kinds: [mode: number, kind: string, bits: number][] = [
    [0o100644, "file", 0o644],
    [0o040755, "directory", 0o755],
    [0o120777, "link", 0o777],
    [0o020600, "other", 0o600],
    [0o104755, "file", 0o4755],
    [0, "other", 0],
  ];
  for (const [mode, kind, bits] of kinds) {
    assert.deepEqual(fromServer({ mode, size: 7, atime: 1, mtime: 2 }), {
      kind,
      size: 7,
      mode: bits,
      accessed: 1000,
      modified: 2000,
    });
  }
  assert.equal(fromServer({}).size, 0, "a server may leave out all of it");
  for (const size of [2 ** 53, NaN, 1.5]) assert.throws(() => fromServer({ size }), RangeError);
});

Deno.test("sftpAttributes: only what is to change is sent; times go together, within the protocol's", () => {
  assert.deepEqual(toServer({}), {});
  assert.deepEqual(toServer({ size: 3, mode: 0o100600 }), { size: 3, mode: 0o600 });
  assert.deepEqual(toServer({ modified: 1999 }), { atime: 1, mtime: 1 });
  assert.deepEqual(toServer({ modified: 5000, accessed: 9000 }), { atime: 9, mtime: 5 });
  assert.deepEqual(toServer({ accessed: -1, modified: 2 ** 50 }), { atime: 0, mtime: 2 ** 32 - 1 });
});
