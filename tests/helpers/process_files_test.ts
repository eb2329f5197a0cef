import assert from "node:assert/strict";
import { eventually } from "./eventually.ts";
import { needsThat } from "./needs.ts";
import { hasProc, openFiles, tcpSockets } from "./process_files.ts";

needsThat(hasProc, "/proc").test("open files and TCP sockets of a process are seen", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const before = openFiles(Deno.pid);
  const [near, far] = await Promise.all([
    Deno.connect({ hostname: "127.0.0.1", port: listener.addr.port }),
    listener.accept(),
  ]);
  const { port } = listener.addr;
  const nearState = () => tcpSockets(Deno.pid).find((one) => one.remotePort === port)?.state;
  assert.equal(openFiles(Deno.pid), before + 2);
  assert.equal(nearState(), "ESTABLISHED");
  far.close();
  await eventually("CLOSE_WAIT", () => nearState() === "CLOSE_WAIT");
  near.close();
  await eventually("gone", () => nearState() === undefined);
});
