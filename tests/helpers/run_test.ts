import assert from "node:assert/strict";
import { runProgram } from "./run.ts";

Deno.test("runProgram: code, output, input", async () => {
  const code =
    'console.error("e"); console.log((await new Response(Deno.stdin.readable).text()).length); Deno.exit(4)';
  const big = "x".repeat(300_000);
  assert.deepEqual(await runProgram([Deno.execPath(), "eval", code], { stdin: big }), {
    code: 4,
    stdout: "300000\n",
    stderr: "e\n",
  });
});

Deno.test("runProgram: input that nobody reads is no hang", async () => {
  const { code } = await runProgram([Deno.execPath(), "eval", "1"], {
    stdin: new Uint8Array(1_000_000),
  });
  assert.equal(code, 0);
});

Deno.test("runProgram: what does not end is killed", async () => {
  await assert.rejects(
    runProgram([Deno.execPath(), "eval", 'console.log("here"); setInterval(() => {}, 1000)'], {
      timeout: 1_000,
    }),
    /not ended within 1000 ms/,
  );
});
