import assert from "node:assert/strict";
import { readSource, textOfSource } from "../tests/helpers/byte_source.ts";
import { eventually } from "../tests/helpers/eventually.ts";
import { randomBytes, sha256 } from "../tests/helpers/file_tree.ts";
import { type Clock, systemClock } from "./clock.ts";
import { type StartedProgram, startProgram } from "./start_program.ts";

const posix = { ignore: Deno.build.os === "windows" };
const sh = (script: string): [string, ...string[]] => ["sh", "-c", script];

Deno.test("startProgram: three streams, environment, exit code", posix, async () => {
  await using program = startProgram(
    sh('cat; printf "%s" "$BASTION_X" >&2; exit 7'),
    { env: { BASTION_X: "err" } },
    systemClock,
  );
  assert.equal(await program.write(new TextEncoder().encode("hello")), 5);
  await program.closeWrite();
  assert.deepEqual(
    [await textOfSource(program), await textOfSource(program.stderr), await program.ended],
    ["hello", "err", 7],
  );
});

Deno.test("startProgram: bytes pass both ways unchanged, at the reader's pace", posix, async () => {
  await using program = startProgram(["cat"], {}, systemClock);
  const sent = randomBytes(3 * 1024 ** 2 + 17);
  let taken = 0;
  const writing = (async () => {
    for (let at = 0; at < sent.length; at += 65536) {
      await program.write(sent.subarray(at, at + 65536));
      taken = at;
    }
    await program.closeWrite();
  })();
  await eventually("a pipe that is full", () => taken > 0);
  const before = taken;
  assert.ok(before < sent.length / 2, "nobody reads: it waits");
  assert.equal(sha256(await readSource(program, 7000)), sha256(sent));
  await writing;
  assert.equal(await program.ended, 0);
});

Deno.test("startProgram: what ends without reading refuses a write", posix, async () => {
  await using program = startProgram(sh("exit 3"), {}, systemClock);
  assert.equal(await program.ended, 3);
  await assert.rejects(async () => {
    for (;;) await program.write(new Uint8Array(65536));
  }, Deno.errors.BrokenPipe);
  await program.closeWrite();
});

Deno.test("startProgram: disposing, close and an abort ask it to end", posix, async () => {
  const sleeper = sh("echo on; while :; do sleep 0.05; done");
  const running = async (program: StartedProgram) => {
    const buffer = new Uint8Array(10);
    assert.equal(await program.read(buffer), 3);
    return program;
  };
  const left: Promise<number>[] = [];
  {
    await using program = await running(startProgram(sleeper, {}, systemClock));
    left.push(program.ended);
  }
  await using closed = await running(startProgram(sleeper, {}, systemClock));
  closed.close();
  const stop = new AbortController();
  await using aborted = await running(startProgram(sleeper, { signal: stop.signal }, systemClock));
  stop.abort();
  await using early = startProgram(sleeper, { signal: stop.signal }, systemClock);
  left.push(closed.ended, aborted.ended, early.ended);
  assert.deepEqual(await Promise.all(left), Array(4).fill(128 + 15));
});

Deno.test("startProgram: who does not heed SIGTERM is killed", posix, async () => {
  let kill = () => {};
  const waits: number[] = [];
  const clock: Clock = {
    ...systemClock,
    after(ms, callback) {
      waits.push(ms);
      kill = callback;
      return () => {};
    },
  };
  await using program = startProgram(
    sh("trap '' TERM; echo on; while :; do sleep 0.05; done"),
    {},
    clock,
  );
  await program.read(new Uint8Array(10));
  program.close();
  program.close();
  assert.deepEqual(waits, [5_000]);
  kill();
  assert.equal(await program.ended, 128 + 9);
});

Deno.test("startProgram: what cannot be started is named", () => {
  assert.throws(() => startProgram(["no-such-program-anywhere"], {}, systemClock), {
    code: "command-not-found",
  });
});
