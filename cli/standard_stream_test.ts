import assert from "node:assert/strict";
import { createStandardStream } from "./standard_stream.ts";

function start(answers: readonly (number | Error)[]) {
  const written: string[] = [];
  let gone = 0;
  let at = 0;
  const stream = createStandardStream({
    isTerminal: () => false,
    writeSync(bytes) {
      const answer = answers[at++] ?? bytes.length;
      if (answer instanceof Error) throw answer;
      const count = Math.min(answer, bytes.length);
      written.push(new TextDecoder().decode(bytes.subarray(0, count)));
      return count;
    },
  }, () => gone++);
  return { stream, written, gone: () => gone };
}

Deno.test("a text is written whole, however little goes at once", () => {
  const { stream, written } = start([3, 1, new Deno.errors.WouldBlock("full"), 2]);
  stream.write("abcdefgh");
  stream.write("i");
  assert.deepEqual(written, ["abc", "d", "ef", "gh", "i"]);
});

Deno.test("a reader that has gone away is noticed once, and not written to again", () => {
  const { stream, written, gone } = start([new Deno.errors.BrokenPipe("gone")]);
  stream.write("a");
  stream.write("b");
  assert.deepEqual(written, []);
  assert.equal(gone(), 1);
});
