import assert from "node:assert/strict";
import { askpassWords } from "./askpass_words.ts";

const set = () => "C:\\file";
const unset = () => undefined;

Deno.test("askpassWords: only ssh's question on Windows is taken for one", () => {
  const question = ["--version"];
  assert.deepEqual(askpassWords(question, "windows", set), ["ssh-askpass", "--", "--version"]);
  assert.deepEqual(askpassWords(question, "windows", unset), question);
  assert.deepEqual(askpassWords(question, "linux", set), question);
  // A run behind `-J` has been told that it is no askpass program.
  assert.deepEqual(askpassWords(question, "windows", () => ""), question);
  const proxy = ["proxy", "web1"];
  assert.deepEqual(askpassWords(proxy, "windows", set), proxy);
});
