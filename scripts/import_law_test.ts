import assert from "node:assert/strict";
import { checkImportLaw, packageOf } from "./import_law.ts";
import type { Import } from "./module_graph.ts";

function edge(text: string): Import {
  const [from = "", arrow = "", to = ""] = text.split(" ");
  return { from, line: 1, to, typeOnly: arrow === "-type>", dynamic: arrow === "-dynamic>" };
}

const allowed = [
  "cli/program.ts -> core/app.ts",
  "cli/program.ts -> plugins/defaults.ts",
  "cli/main.ts -dynamic> cli/program.ts",
  "cli/version.ts -> deno.json",
  "cli/commander_adapter.ts -> npm:/commander@15.1.0",
  "core/app.ts -> core/errors.ts",
  "core/app.ts -> npm:/yaml@2.9.1",
  "mod.ts -> core/mod.ts",
  "plugins/defaults.ts -> plugins/tunnel/mod.ts",
  "plugins/defaults.ts -type> core/mod.ts",
  "plugins/tunnel/mod.ts -type> core/mod.ts",
  "plugins/tunnel/mod.ts -> plugins/tunnel/run.ts",
  "plugins/emulator/tls.ts -> node:net",
  "plugins/emulator/tls.ts -> npm:/ws@8.23.0",
  "scripts/bench.ts -> plugins/emulator/emulator.ts",
  "scripts/bench.ts -> scripts/project_files.ts",
  "tests/e2e/ssh_test.ts -> tests/helpers/sshd.ts",
  "core/errors_test.ts -> scripts/project_files.ts",
  "core/errors_test.ts -> tests/helpers/needs.ts",
];

const forbidden = [
  ["cli/program.ts -> plugins/tunnel/mod.ts", /no plugin by name/],
  ["cli/program.ts -> npm:/commander@15.1.0", /commander_adapter/],
  ["cli/program.ts -> tests/helpers/needs.ts", /only tests/],
  ["core/app.ts -> cli/output.ts", /nothing imports cli/],
  ["core/app.ts -type> plugins/tunnel/mod.ts", /core stands on itself/],
  ["core/app.ts -> core/errors_test.ts", /only tests/],
  ["core/app.ts -> scripts/compile.ts", /is a script/],
  ["mod.ts -> plugins/defaults.ts", /core stands on itself/],
  ["plugins/defaults.ts -> plugins/tunnel/run.ts", /mod\.ts/],
  ["plugins/defaults.ts -> core/mod.ts", /types/],
  ["plugins/tunnel/mod.ts -> core/mod.ts", /types only/],
  ["plugins/tunnel/mod.ts -dynamic> core/mod.ts", /types only/],
  ["plugins/tunnel/mod.ts -type> core/errors.ts", /own folder/],
  ["plugins/tunnel/mod.ts -> plugins/emulator/mod.ts", /own folder/],
  ["plugins/tunnel/mod.ts -> cli/output.ts", /nothing imports cli/],
  ["scripts/bench.ts -> tests/helpers/sshd.ts", /only tests/],
  ["core/app.ts -> https://example.com/x.ts", /npm/],
  ["core/app.ts -> jsr:@std/path", /npm/],
  ["core/app.ts -> ../elsewhere.ts", /npm/],
  ["elsewhere/x.ts -> core/app.ts", /no folder/],
] as const;

Deno.test("import law: what is allowed", () => {
  for (const text of allowed) assert.deepEqual(checkImportLaw([edge(text)]), [], text);
});

Deno.test("import law: what is forbidden", () => {
  for (const [text, message] of forbidden) {
    const offences = checkImportLaw([edge(text)]);
    assert.equal(offences.length, 1, text);
    assert.match(offences[0]?.message ?? "", message, text);
  }
});

Deno.test("import law: start-up weight is what main reaches without a handler", () => {
  const light = [
    "cli/main.ts -dynamic> cli/program.ts",
    "cli/program.ts -> plugins/defaults.ts",
    "plugins/defaults.ts -> plugins/emulator/mod.ts",
    "plugins/emulator/mod.ts -dynamic> plugins/emulator/run.ts",
    "plugins/emulator/mod.ts -type> plugins/emulator/world.ts",
    "plugins/emulator/world.ts -> npm:/zod@4.6.7",
    "plugins/emulator/run.ts -> npm:/ws@8.23.0",
  ];
  assert.deepEqual(checkImportLaw(light.map(edge)), []);
  const heavy = [...light, "plugins/emulator/mod.ts -> plugins/emulator/run.ts"];
  assert.deepEqual(checkImportLaw(heavy.map(edge)).map(({ file }) => file), [
    "plugins/emulator/run.ts",
  ]);
});

Deno.test("import law: package names", () => {
  assert.equal(packageOf("npm:/@azure/identity@4.14.1"), "@azure/identity");
  assert.equal(packageOf("npm:ws@8.23.0"), "ws");
  assert.equal(packageOf("npm:/yaml@2.9.1/util"), "yaml");
  assert.equal(packageOf("node:net"), undefined);
});
