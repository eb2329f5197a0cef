import assert from "node:assert/strict";
import { Secret } from "../secret.ts";
import { createManualClock } from "../testing/manual_clock.ts";
import { OwedDeletes } from "./owed_deletes.ts";

function start() {
  const gone: string[] = [];
  let reachable = true;
  const asked: string[] = [];
  const clock = createManualClock();
  const owed = new OwedDeletes((key) => {
    asked.push(key.nodeId);
    return Promise.resolve(reachable);
  }, clock);
  return {
    owed,
    clock,
    gone,
    asked,
    setReachable: (value: boolean) => reachable = value,
    end: (nodeId: string) =>
      owed.end(
        { endpoint: "hub", nodeId, authToken: new Secret("t") },
        () => gone.push(nodeId),
      ),
  };
}

Deno.test("a session that could not be deleted is deleted when the service is there again", async () => {
  const { owed, gone, end, setReachable } = start();
  setReachable(false);
  await end("a");
  await end("b");
  assert.deepEqual(gone, []);
  setReachable(true);
  await end("c");
  await owed.retry();
  assert.deepEqual(gone, ["c", "a", "b"]);
});

Deno.test("a service that is still away is asked once, not for every session", async () => {
  const { owed, asked, end, setReachable } = start();
  setReachable(false);
  for (const name of ["a", "b", "c"]) await end(name);
  await owed.retry();
  assert.deepEqual(asked, ["a", "b", "c", "a"]);
});

Deno.test("without another session, it is tried after a while, further and further apart", async () => {
  const { owed, asked, gone, end, clock, setReachable } = start();
  setReachable(false);
  await end("a");
  await clock.advance(5_000);
  await clock.advance(9_999);
  assert.equal(asked.length, 2);
  await clock.advance(1);
  assert.equal(asked.length, 3);
  setReachable(true);
  await clock.advance(20_000);
  assert.deepEqual(gone, ["a"]);
  assert.equal(clock.pending, 0);
  await owed.close(1_000);
});

Deno.test("the end is one last try", async () => {
  const { owed, asked, end, clock, setReachable } = start();
  setReachable(false);
  await end("a");
  await owed.close(1_000);
  assert.equal(asked.length, 2);
  assert.equal(clock.pending, 0);
});

Deno.test("where the time is used up already, the end is no try at all", async () => {
  const { owed, asked, end, clock, setReachable } = start();
  setReachable(false);
  await end("a");
  await owed.close(0);
  assert.equal(asked.length, 1);
  assert.equal(clock.pending, 0);
});
