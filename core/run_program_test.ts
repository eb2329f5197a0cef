import assert from "node:assert/strict";
import { eventually } from "../tests/helpers/eventually.ts";
import { tempDir } from "../tests/helpers/temp_dir.ts";
import { systemClock } from "./clock.ts";
import { createPlatform } from "./platform.ts";
import { programRunner } from "./run_program.ts";
import { createManualClock } from "./testing/manual_clock.ts";

const platform = createPlatform(Deno.build.os, Deno.env.get);
const run = programRunner(platform, systemClock);
const deno = (code: string): [string, ...string[]] => [Deno.execPath(), "eval", code];

Deno.test("runProgram: stdin, environment, both outputs and the exit code", async () => {
  const code = `
    const text = await new Response(Deno.stdin.readable).text();
    console.log(text + Deno.env.get("GIVEN")); console.error("é"); Deno.exit(3);`;
  assert.deepEqual(await run(deno(code), { stdin: "in ", env: { GIVEN: "var" } }), {
    code: 3,
    stdout: "in var\n",
    stderr: "é\n",
  });
});

Deno.test("runProgram: nobody need read what is written to stdin", async () => {
  const { code } = await run(deno("0"), { stdin: "x".repeat(1_000_000) });
  assert.equal(code, 0);
});

Deno.test("runProgram: what is missing is named", async () => {
  await assert.rejects(run(["/nowhere/at-all"]), { code: "command-not-found", message: /at-all/ });
});

Deno.test("runProgram: a flood is cut off", async () => {
  await assert.rejects(
    run(deno("for (;;) console.log('x'.repeat(1000))"), { maxBytes: 100_000 }),
    { code: "command-failed", message: /printed more than 100000 bytes/ },
  );
});

Deno.test("runProgram: what hangs is ended when its time is up, with its children", async () => {
  await using dir = await tempDir();
  const clock = createManualClock();
  const file = dir.file("pid");
  // The child holds the streams: whoever waited for their end would hang with it.
  const grandchild = `Deno.writeTextFileSync(${JSON.stringify(file)}, String(Deno.pid));
    setInterval(() => {}, 9);`;
  const child = `await new Deno.Command(Deno.execPath(), {
    args: ["eval", ${JSON.stringify(grandchild)}],
    stdin: "inherit", stdout: "inherit", stderr: "inherit",
  }).spawn().status;`;
  const running = programRunner(platform, clock)(deno(child), { timeout: 5_000 });
  const ended = assert.rejects(running, { code: "command-failed", message: /within 5 s/ });
  const pid = await eventually("it runs", () => Deno.readTextFile(file));
  await clock.advance(5_000);
  await ended;
  assert.equal(clock.pending, 0);
  await eventually("its child has ended", () => !isAlive(Number(pid)));
});

function isAlive(pid: number): boolean {
  try {
    // A zombie that nobody has waited for yet has ended.
    return !/^State:\s+Z/m.test(Deno.readTextFileSync(`/proc/${pid}/status`));
  } catch {
    return false;
  }
}

Deno.test("runProgram: a signal ends it with its own reason", async () => {
  const reason = new Error("enough");
  const stop = new AbortController();
  const running = run(deno("setInterval(() => {}, 9)"), { signal: stop.signal });
  stop.abort(reason);
  await assert.rejects(running, reason);
  await assert.rejects(run(deno("0"), { signal: stop.signal }), reason);
});
