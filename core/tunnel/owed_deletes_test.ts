import assert from "node:assert/strict";
import { Secret } from "../secret.ts";
import { OwedDeletes } from "./owed_deletes.ts";

function start() {
  const gone: string[] = [];
  let reachable = true;
  const asked: string[] = [];
  const owed = new OwedDeletes((key) => {
    asked.push(key.nodeId);
    return Promise.resolve(reachable);
  });
  return {
    owed,
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
