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
