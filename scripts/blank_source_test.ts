import assert from "node:assert/strict";
import { blankSource } from "./blank_source.ts";

const code = (source: string) => blankSource(source, "comments", "texts");

Deno.test("blankSource: comments and texts go, code and places stay", () => {
  const source = [
    'const a = \'fetch(\' + "it\\"s"; // fetch(1)',
    "/* fetch(2)",
    "   fetch(3) */ fetch(4);",
    "const b = /fetch\\/(5)[/`]/.test(x) ? y / 2 : z / fetch(6);",
    "const c = `fetch(7) ${fetch(8)} ${`fetch(9) ${{ d: { e: fetch(10) } }.d} fetch(11)`} fetch(12)`;",
    "fetch(13);",
  ].join("\n");
  const blanked = code(source);
  assert.equal(blanked.length, source.length);
  assert.deepEqual(
    blanked.split("\n").map((line) => [...line.matchAll(/fetch\((\d+)/g)].map((m) => m[1])),
    [[], [], ["4"], ["6"], ["8", "10"], ["13"]],
  );
});

Deno.test("blankSource: comments only", () => {
  assert.equal(
    blankSource('const a = "// kept"; // gone\n/** gone */ b', "comments"),
    `const a = "// kept";        \n${" ".repeat(11)} b`,
  );
});

Deno.test("blankSource: what is not closed ends with the source", () => {
  for (const source of ["'a", "`a", "`${", "/* a", "a = /b", "'\\", "`\\"]) {
    assert.equal(code(source).length, source.length, source);
  }
});
