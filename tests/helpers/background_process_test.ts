import assert from "node:assert/strict";
import { startInBackground } from "./background_process.ts";

const deno = (code: string): [string, ...string[]] => [Deno.execPath(), "eval", "--no-lock", code];

Deno.test("startInBackground: output, signal, exit", async () => {
  await using process = startInBackground(
    deno('console.error("err"); console.log("port", 7); setInterval(() => {}, 1000);'),
  );
  assert.equal((await process.output("stdout", /port (\d+)/))[1], "7");
  process.signal("SIGKILL");
  assert.equal((await process.exit()).success, false);
  assert.match(process.stderr(), /err/);
  process.signal("SIGTERM");
});

Deno.test("startInBackground: waiting for words of a program that ends fails at once", async () => {
  await using process = startInBackground(deno("Deno.exit(3)"));
  await assert.rejects(process.output("stdout", /never/), /code 3/);
});

Deno.test("startInBackground: an end that does not come is said", async () => {
  await using process = startInBackground(deno("setInterval(() => {}, 1000)"));
  await assert.rejects(process.exit(50), /not ended within 50 ms/);
});

Deno.test("startInBackground: the environment is the one given, and input reaches it", async () => {
  await using process = startInBackground(
    deno(
      'console.log(Deno.env.get("A"), Deno.env.has("HOME"), await new Response(Deno.stdin.readable).text())',
    ),
    { env: { A: "b" }, stdin: "piped" },
  );
  const writer = process.stdin?.getWriter();
  await writer?.write(new TextEncoder().encode("typed"));
  await writer?.close();
  assert.equal((await process.exit()).code, 0);
  assert.equal(process.stdout(), "b false typed\n");
});
