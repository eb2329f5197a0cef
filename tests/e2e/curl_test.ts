/** curl, unmodified, through `bastion tunnel` to real HTTP servers. */

import assert from "node:assert/strict";
import { withAzure } from "../helpers/emulated_azure.ts";
import { eventually } from "../helpers/eventually.ts";
import { sha256, sha256OfFile } from "../helpers/file_tree.ts";
import { findProgram } from "../helpers/find_program.ts";
import { patternBytes, startHttp10Server } from "../helpers/http_servers.ts";
import { finish, startLocalServer, writeAll } from "../helpers/local_server.ts";
import { needs, needsThat } from "../helpers/needs.ts";
import { hasProc, openFiles, tcpSockets } from "../helpers/process_files.ts";
import { readRequestHead } from "../helpers/raw_server.ts";
import { runSuccessfully } from "../helpers/run.ts";

const AT_ONCE = 50;

/** What is served under `/n`. */
function bodyOf(n: number): Uint8Array<ArrayBuffer> {
  return patternBytes(20_000 + n * 1013).map((byte) => byte ^ n);
}

needs("curl").test(`curl with ${AT_ONCE} parallel connections gets every body whole`, async () => {
  // Nobody is answered before all of them are there: they are at once, or this never ends.
  const together = Promise.withResolvers<void>();
  let arrived = 0;
  await using server = startLocalServer(async (conn) => {
    const n = Number(/^GET \/(\d+) /.exec(await readRequestHead(conn))?.[1]);
    if (++arrived === AT_ONCE) together.resolve();
    await together.promise;
    await writeAll(conn, new TextEncoder().encode("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n"));
    await writeAll(conn, bodyOf(n));
    await finish(conn);
  });
  await withAzure({ ports: { 8080: server.port } }, async (azure) => {
    const tunnel = await azure.openTunnel(8080);
    await runSuccessfully([
      "curl",
      ...["-sS", "--fail", "--max-time", "60"],
      ...["--parallel", "--parallel-immediate", "--parallel-max", String(AT_ONCE)],
      ...["-o", azure.file("body-#1"), `http://127.0.0.1:${tunnel.port}/[1-${4 * AT_ONCE}]`],
    ], { timeout: 120_000 });
    for (let n = 1; n <= 4 * AT_ONCE; n++) {
      assert.equal(await sha256OfFile(azure.file(`body-${n}`)), sha256(bodyOf(n)), `body ${n}`);
    }
    await tunnel.event("connection-closed", { count: 4 * AT_ONCE });
    await eventually(
      "all deleted",
      () => azure.emulator.stats().tokenDeletes === azure.emulator.stats().tokenPosts,
    );
    assert.equal(azure.emulator.stats().webSocketsPeak, AT_ONCE);
  });
});

const DOWNLOADS = 200;

needsThat(hasProc && findProgram("curl") !== undefined, "curl and /proc").test(
  `after ${DOWNLOADS} downloads that the server ends by FIN, no socket and no file is left open`,
  async () => {
    const body = patternBytes(30_000);
    await using server = startHttp10Server(body);
    await withAzure({ ports: { 8080: server.port } }, async (azure) => {
      const tunnel = await azure.openTunnel(8080);
      const download = async (count: number) => {
        await runSuccessfully([
          "curl",
          ...["-sS", "--http1.0", "--max-time", "60", "--parallel", "--parallel-max", "8"],
          ...["-o", azure.file("body-#1"), `http://127.0.0.1:${tunnel.port}/[1-${count}]`],
        ], { timeout: 120_000 });
        await eventually("all deleted", () => {
          const { tokenPosts, tokenDeletes, openWebSockets } = azure.emulator.stats();
          return tokenDeletes === tokenPosts && openWebSockets === 0;
        });
      };
      /** Files and sockets, but for HTTP connections that wait for the next session. */
      const held = () =>
        openFiles(tunnel.pid) -
        tcpSockets(tunnel.pid).filter(({ state, remotePort }) =>
          state === "ESTABLISHED" && remotePort === azure.dataPlanePort
        ).length;

      await download(8);
      let before = -1;
      await eventually("at rest", () => {
        const same = held() === before;
        before = held();
        return same;
      }, { every: 300 });

      await download(DOWNLOADS);
      for (let n = 1; n <= DOWNLOADS; n++) {
        assert.equal(await sha256OfFile(azure.file(`body-${n}`)), sha256(body), `body ${n}`);
      }
      await eventually("no socket is left in CLOSE_WAIT, and no file open", () => {
        const waiting = tcpSockets(tunnel.pid).filter(({ state }) => state === "CLOSE_WAIT");
        assert.deepEqual(waiting, []);
        assert.ok(held() <= before, `${held()} files are open, and were ${before}`);
        return true;
      }, { within: 30_000 });
      const reasons = tunnel.events().filter(({ event }) => event === "connection-closed")
        .map(({ reason }) => reason);
      assert.deepEqual(reasons, Array(8 + DOWNLOADS).fill("remote-closed"));
    });
  },
);
