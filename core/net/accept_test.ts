import assert from "node:assert/strict";
import { createManualClock } from "../testing/manual_clock.ts";
import { accept } from "./accept.ts";

/** What accepting is answered, in turn; the listener is closed behind the last. */
async function acceptOf(answers: readonly (Deno.TcpConn | Error)[]) {
  const clock = createManualClock();
  const said: string[] = [];
  const admitted: Deno.TcpConn[] = [];
  let at = 0;
  const accepting = accept({
    accept() {
      const answer = answers[at++] ?? new Deno.errors.BadResource("closed");
      return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
    },
  }, {
    clock,
    log: { warning: () => void said.push("warning"), debug: () => void said.push("debug") },
    admit: (connection) => void admitted.push(connection),
    closed: () => at > answers.length,
    signal: new AbortController().signal,
  });
  await clock.advance(1_000);
  await accepting;
  return { said, admitted };
}

const connection = { setNoDelay() {} } as unknown as Deno.TcpConn;

Deno.test("accept: a client that is gone keeps nobody waiting, and nothing is said of it", async () => {
  const { said, admitted } = await acceptOf([
    new Deno.errors.ConnectionReset("1"),
    new Deno.errors.ConnectionAborted("2"),
    new Deno.errors.NotConnected("3"),
    connection,
  ]);
  assert.deepEqual(said, []);
  assert.deepEqual(admitted, [connection]);
});

Deno.test("accept: what lasts is said once, until it has gone well again", async () => {
  const busy = () => new Error("Too many open files (os error 24)");
  const { said, admitted } = await acceptOf([busy(), busy(), connection, busy(), connection]);
  assert.deepEqual(said, ["warning", "debug", "warning"]);
  assert.equal(admitted.length, 2);
});

Deno.test("accept: a connection that cannot be set up is admitted; reading it will tell", async () => {
  const broken = {
    setNoDelay() {
      throw new Error("gone");
    },
  } as unknown as Deno.TcpConn;
  assert.equal((await acceptOf([broken])).admitted.length, 1);
});
