import assert from "node:assert/strict";
import { splitCommandLine } from "./split_command_line.ts";

Deno.test("splitCommandLine: words, quotes and backslashes, by the system's habits", () => {
  const cases: [line: string, unix: string[] | undefined, windows?: string[] | undefined][] = [
    ["a b  c", ["a", "b", "c"]],
    ["  a\t", ["a"]],
    ["", []],
    [`"a b" 'c d'e`, ["a b", "c de"]],
    [`a "" ''`, ["a", "", ""]],
    [`"it's" '"'`, ["it's", '"']],
    [String.raw`a\ b`, ["a b"], ["a\\", "b"]],
    [String.raw`"C:\x y\z" \\s`, ["C:x yz", "\\s"], ["C:\\x y\\z", "\\\\s"]],
    [String.raw`'C:\x'`, ["C:\\x"]],
    ["$(rm) `x` %A% | & ;", ["$(rm)", "`x`", "%A%", "|", "&", ";"]],
    [`a "b`, undefined],
    [`a 'b`, undefined],
  ];
  for (const [line, unix, windows = unix] of cases) {
    assert.deepEqual(splitCommandLine(line, "linux"), unix, line);
    assert.deepEqual(splitCommandLine(line, "windows"), windows, line);
  }
});
