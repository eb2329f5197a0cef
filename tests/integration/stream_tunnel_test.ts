/** A tunnel whose one connection is a stream that was handed over: the same hooks, no local port. */

import assert from "node:assert/strict";
import type { ByteStream, Plugin } from "../../core/mod.ts";
import { eventually } from "../helpers/eventually.ts";
import { randomBytes } from "../helpers/file_tree.ts";
import { startReplyServer } from "../helpers/http_servers.ts";
import { startTestApp, startTestEmulator, targetRequest } from "../helpers/emulated_tunnel.ts";
import { tempDir } from "../helpers/temp_dir.ts";

/** Says `x`, then waits; takes what comes. */
function memoryStream() {
  const received: number[] = [];
  const asked = ["x"];
  const end = Promise.withResolvers<null>();
  let closed = 0;
  const stream: ByteStream = {
    read(into) {
      const next = asked.shift();
      if (next === undefined) return end.promise;
      return Promise.resolve(new TextEncoder().encodeInto(next, into).written);
    },
    write(bytes) {
      received.push(...bytes);
      return Promise.resolve(bytes.length);
    },
    closeWrite() {
      end.resolve(null);
      return Promise.resolve();
    },
    close: () => void closed++,
  };
  return { stream, received, closed: () => closed };
}

Deno.test("hooks and observers see it as any tunnel, and a veto keeps it from opening", async () => {
  const reply = randomBytes(200_000);
  await using server = startReplyServer(reply);
  await using directory = await tempDir();
  await using emulator = await startTestEmulator(server.port);
  const seen: string[] = [];
  let verdict: "allow" | { deny: string } = "allow";
  const plugin: Plugin = {
    name: "watcher",
    version: "1.0.0",
    apiVersion: 1,
    hooks: {
      prepareTunnel: (request) => {
        seen.push("prepare");
        return { ...request, halfCloseGrace: 500 };
      },
      authorizeTunnel: () => {
        seen.push("authorize");
        return verdict;
      },
      tunnelOpened: ({ host, port }) =>
        void seen.push(`tunnelOpened ${JSON.stringify([host, port])}`),
      connectionOpened: () => void seen.push("connectionOpened"),
      connectionClosed: ({ reason }) => void seen.push(`connectionClosed ${reason}`),
      tunnelClosed: ({ opened }) => void seen.push(`tunnelClosed ${opened}`),
    },
  };
  const app = await startTestApp(emulator, directory.path, [], [() => plugin]);
  try {
    const doors = app.context("core");
    const target = await doors.resolve(targetRequest(emulator));
    const memory = memoryStream();
    const tunnel = await doors.openTunnel({ target, port: 0, stream: memory.stream });
    assert.deepEqual(tunnel.addresses, []);
    const { why, bytesUp, bytesDown } = await tunnel.ended;
    assert.deepEqual({ why, bytesUp, bytesDown }, { why: "once", bytesUp: 1, bytesDown: 200_000 });
    assert.deepEqual(new Uint8Array(memory.received), reply);
    assert.equal(memory.closed() > 0, true);
    await eventually("the observers", () => seen.length === 6);
    assert.deepEqual(seen.sort(), [
      "authorize",
      "connectionClosed remote-closed",
      "connectionOpened",
      "prepare",
      "tunnelClosed 1",
      'tunnelOpened ["",0]',
    ]);
    assert.equal(emulator.stats().outstandingSessions, 0);

    verdict = { deny: "come back at eight" };
    const refused = doors.openTunnel({ target, port: 0, stream: memoryStream().stream });
    await assert.rejects(refused, { code: "tunnel-denied" });
  } finally {
    await app.stop();
  }
});
