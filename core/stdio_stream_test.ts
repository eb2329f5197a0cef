import assert from "node:assert/strict";
import { createStdioStream } from "./stdio_stream.ts";

const never = () => new Promise<never>(() => {});
const clock = { sleep: () => Promise.resolve() };

Deno.test("stdio: the far side's end ends a read that nothing comes to", async () => {
  const stream = createStdioStream({ stdin: { read: never }, stdout: { write: never }, clock });
  const reading = stream.read(new Uint8Array(10));
  await stream.closeWrite();
  assert.equal(await reading, null);
  assert.equal(await stream.read(new Uint8Array(10)), null);
});

Deno.test("stdio: close cuts a write that nobody takes", async () => {
  const stream = createStdioStream({ stdin: { read: never }, stdout: { write: never }, clock });
  const writing = stream.write(new Uint8Array(10));
  stream.close();
  await assert.rejects(writing, Deno.errors.BrokenPipe);
  await assert.rejects(stream.write(new Uint8Array(1)), Deno.errors.BrokenPipe);
  assert.equal(stream.gone, false, "it was us");
});

Deno.test("stdio: a pipe that is full or empty for now is no failure; a broken one is", async () => {
  let attempts = 0;
  const busy = <Result>(result: Result) => () =>
    ++attempts % 3 === 0
      ? Promise.resolve(result)
      : Promise.reject(new Deno.errors.WouldBlock("not now"));
  const stream = createStdioStream({ stdin: { read: busy(7) }, stdout: { write: busy(5) }, clock });
  assert.equal(await stream.read(new Uint8Array(10)), 7);
  assert.equal(await stream.write(new Uint8Array(10)), 5);
  assert.equal(attempts, 6);

  const broken = createStdioStream({
    stdin: { read: never },
    stdout: { write: () => Promise.reject(new Deno.errors.BrokenPipe("gone")) },
    clock,
  });
  await assert.rejects(broken.write(new Uint8Array(1)), Deno.errors.BrokenPipe);
  assert.equal(broken.gone, true);
});
