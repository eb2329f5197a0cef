import assert from "node:assert/strict";
import { readPassword } from "./read_password.ts";

function read(text: string, terminal = false) {
  const bytes = new TextEncoder().encode(text);
  let at = 0;
  const password = readPassword({
    isTerminal: () => terminal,
    read(into) {
      if (at >= bytes.length) return Promise.resolve(null);
      into.set(bytes.subarray(at, at + into.length));
      const read = Math.min(into.length, bytes.length - at);
      at += read;
      return Promise.resolve(read);
    },
  }, { error: (code, params) => new Error(`${code}: ${params?.["problem"]}`) });
  return { password, left: () => text.slice(at) };
}

Deno.test("readPassword: the first line, and not a byte more", async () => {
  const { password, left } = read("s3cret pass\r\nfor the command\n");
  assert.equal(await password, "s3cret pass");
  assert.equal(left(), "for the command\n");
  assert.equal(await read("pässword").password, "pässword");
});

Deno.test("readPassword: nothing, too much, and a terminal are refused", async () => {
  await assert.rejects(read("").password, /its first line is empty/);
  await assert.rejects(read("\nx\n").password, /its first line is empty/);
  await assert.rejects(read("x".repeat(5000)).password, /longer than 4096/);
  await assert.rejects(read("x\n", true).password, /it is the terminal/);
});
