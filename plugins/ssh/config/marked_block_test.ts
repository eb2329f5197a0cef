import assert from "node:assert/strict";
import fc from "fast-check";
import { readMarked, withMarked } from "./marked_block.ts";

const BLOCK = "Host *.bastion\n  User ada\nMatch all\n";
const FILES = [
  "",
  "Host a\n  User b\n",
  "Host a\n  User b",
  "Host a\r\n  User b\r\n",
  "\u00ef\u00bb\u00bfHost a\r\n",
  "# only a remark",
  "\n\n\u00e4\u0000\u00ff\n",
];

Deno.test("withMarked: at the top, once, and taken away again byte for byte", () => {
  for (const file of FILES) {
    const installed = withMarked(file, BLOCK);
    const read = readMarked(installed);
    assert.deepEqual(read, { block: BLOCK, rest: file });
    assert.equal(withMarked(read?.rest ?? "", BLOCK), installed, "twice is the same");
    assert.match(installed, /^(?:\u00ef\u00bb\u00bf)?# >>> bastion/);
    assert.equal(/[^\r]\n/.test(installed) && installed.includes("\r\n"), false, "one line end");
    assert.deepEqual(readMarked(file), { rest: file });
  }
});

Deno.test("readMarked: a block that was moved is found; a mark alone is an error", () => {
  const installed = withMarked("", BLOCK);
  assert.deepEqual(readMarked(`Host a\n${installed}Host b\n`)?.rest, "Host a\nHost b\n");
  const [begin = "", end = ""] = installed.split(BLOCK);
  const broken = [begin, end, `${end}${begin}`, `${begin}${begin}${end}`, installed + installed];
  for (const text of broken) assert.equal(readMarked(`Host a\n${text}`), undefined, text);
});

Deno.test("readMarked: whatever the file holds", () => {
  const bytes = fc.array(
    fc.constantFrom("a", "\n", "\r\n", " ", "#", "\u00ef\u00bb\u00bf", "\u0000"),
  );
  fc.assert(fc.property(bytes, (parts) => {
    // A file of the user's own has one kind of line end, or the other's are his as well.
    const file = parts.join("");
    assert.equal(readMarked(withMarked(file, BLOCK))?.rest, file);
  }));
});
