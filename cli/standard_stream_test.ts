import assert from "node:assert/strict";
import { createStandardStream } from "./standard_stream.ts";

function start(answers: readonly (number | Error | Promise<number>)[]) {
  const written: string[] = [];
  let gone = 0;
  let at = 0;
  const stream = createStandardStream({
    isTerminal: () => false,
    async write(bytes) {
      const answer = await (answers[at++] ?? bytes.length);
      if (answer instanceof Error) throw answer;
      const count = Math.min(answer, bytes.length);
      written.push(new TextDecoder().decode(bytes.subarray(0, count)));
      return count;
    },
  }, () => gone++);
  return { stream, written, gone: () => gone };
}

Deno.test("a text is written whole and in order, however little goes at once", async () => {
  const { stream, written } = start([3, 1, new Deno.errors.WouldBlock("full"), 2]);
  stream.write("abcdefgh");
  stream.write("i");
  await stream.flush();
  assert.deepEqual(written, ["abc", "d", "ef", "gh", "i"]);
});

Deno.test("a reader that has gone away is noticed once, and not written to again", async () => {
  const { stream, written, gone } = start([new Deno.errors.BrokenPipe("gone")]);
  stream.write("a");
  await stream.flush();
  stream.write("b");
  await stream.flush();
  assert.deepEqual(written, []);
  assert.equal(gone(), 1);
});

Deno.test("a reader that does not read holds up nobody, and costs a bounded memory", async () => {
  const stuck = Promise.withResolvers<number>();
  const { stream, written } = start([stuck.promise]);
  const line = `${"x".repeat(1023)}\n`;
  for (let i = 0; i < 10_000; i++) stream.write(line);
  assert.equal(written.length, 0);
  stuck.resolve(line.length);
  await stream.flush();
  const lines = written.join("").split("\n");
  assert.ok(lines.length < 4_200, "about four MiB were kept");
  const kept = lines.filter((one) => one === line.trimEnd()).length;
  assert.equal(lines.at(-2), `bastion: ${10_000 - kept} lines were dropped here: nobody read them`);
});
