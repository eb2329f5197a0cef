import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import { checkTree } from "./check_imports.ts";

/** A tree with one offence of each sort, as files, so that Deno's own resolution is part of it. */
const tree = {
  "deno.json": '{ "imports": { "ws": "npm:ws@8.23.0" } }',
  "core/mod.ts": 'export type { A } from "./a.ts";\nexport const value = 1;',
  "core/a.ts": 'export type A = 1;\nimport { connect } from "node:net";\nexport const c = connect;',
  "core/b.ts": 'import "./missing.ts";',
  "plugins/p/mod.ts": [
    'import type { A } from "../../core/mod.ts";',
    'import { value } from "../../core/mod.ts";',
    "export const a: A = value;",
    'export const run = () => import("./run.ts");',
  ].join("\n"),
  "plugins/p/run.ts": 'import type { A } from "../../core/mod.ts";\nexport type B = A;\n',
  "cli/main.ts": 'await import("../plugins/p/mod.ts");\nDeno.exit(0);',
  "tests/fixtures/broken.ts": 'import "nowhere";',
};

Deno.test("check_imports: finds each offence of a tree, and nothing else", async () => {
  const root = await Deno.makeTempDir();
  try {
    for (const [file, text] of Object.entries(tree)) {
      await Deno.mkdir(dirname(join(root, file)), { recursive: true });
      await Deno.writeTextFile(join(root, file), text);
    }
    const { offences } = await checkTree(root);
    const places = offences.map(({ file, line }) => `${file}:${line}`).sort();
    assert.deepEqual(places, [":0", "cli/main.ts:1", "core/a.ts:2", "plugins/p/mod.ts:2"]);
    assert.match(offences.find(({ file }) => file === "")?.message ?? "", /missing\.ts/);
  } finally {
    await Deno.remove(root, { recursive: true });
  }
});
