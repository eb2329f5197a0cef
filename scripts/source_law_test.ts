import assert from "node:assert/strict";
import { checkSource } from "./source_law.ts";

const messages = (file: string, source: string, decisions?: string) =>
  checkSource(file, source, decisions).offences.map((offence) => offence.message.split(":")[0]);

Deno.test("source law: sockets and fetch are the network door's", () => {
  const source = [
    "await fetch(url);",
    "// fetch(url)",
    "ctx.http.fetch(url); prefetch(url);",
    "const c = await Deno.connect({ port: 1 });",
    "Deno\n  .listen({ port: 0 });",
    "new WebSocket(url);",
    "const text = `${globalThis.fetch(url)} Deno.connect()`;",
    "let conn: Deno.Conn; type F = typeof fetch;",
  ].join("\n");
  const found = checkSource("core/app.ts", source).offences;
  assert.deepEqual(found.map(({ line }) => line).sort(), [1, 4, 5, 7, 8]);
  assert.deepEqual(messages("core/net/http_client.ts", source), []);
  assert.deepEqual(messages("plugins/emulator/arm.ts", source), []);
  assert.deepEqual(messages("tests/e2e/x_test.ts", source), []);
  assert.equal(messages("plugins/tunnel/run.ts", source).length, 5);
  assert.equal(messages("core/tunnel/listener_of_others.ts", source).length, 5);
});

Deno.test("source law: the process is main's, the console nobody's", () => {
  const source = "console.log(Deno.args);\nDeno.exit(1);\nconst { arguments: args } = Deno;\n";
  assert.deepEqual(messages("cli/program.ts", source).sort(), [
    "Deno.args",
    "Deno.exit",
    "console.",
  ]);
  assert.deepEqual(messages("cli/main.ts", source), ["console."]);
  assert.deepEqual(messages("scripts/compile.ts", source), []);
});

Deno.test("source law: Azure's host names stand in the table of clouds", () => {
  const source = [
    'const a = "https://management.azure.com/x";',
    "// management.azure.com is what it is called",
    "const b = `${tenant}.Login.MicrosoftOnline.us`;",
    "const c = 'pas.windows.net';",
    'const d = "azure.example, notazure.com.example, windows.network, my-azure.com";',
    'const e = { host: "bst.bastion.azure.cn" };',
  ].join("\n");
  const found = checkSource("plugins/x/run.ts", source).offences;
  assert.deepEqual(found.map(({ line }) => line), [1, 3, 4, 6]);
  assert.match(found[0]?.message ?? "", /^management\.azure\.com: Azure's host names/);
  assert.deepEqual(messages("core/azure/clouds.ts", source), []);
  assert.deepEqual(messages("core/azure/clouds_test.ts", source), []);
  assert.deepEqual(messages("scripts/demo.ts", source), []);
});

Deno.test("source law: length", () => {
  const lines = (count: number) => "x;\n".repeat(count);
  assert.deepEqual(checkSource("core/a.ts", lines(300)), { offences: [], warnings: [] });
  assert.equal(checkSource("core/a.ts", lines(301)).warnings.length, 1);
  assert.equal(
    checkSource("core/a.ts", lines(301), "core/a.ts is long since …").warnings.length,
    0,
  );
  assert.equal(checkSource("core/a.ts", lines(500)).offences.length, 0);
  assert.equal(checkSource("core/a.ts", lines(501), "core/a.ts").offences.length, 1);
  assert.equal(checkSource("core/a_test.ts", lines(900)).offences.length, 0);
});
