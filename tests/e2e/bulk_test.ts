/** Much data, in writes of every size, both ways at once: equal by hash. */

import assert from "node:assert/strict";
import { receiveBytes, sendBytes } from "../helpers/byte_stream.ts";
import { withAzure } from "../helpers/emulated_azure.ts";
import { finish, type LocalServer, startLocalServer } from "../helpers/local_server.ts";
import { needs } from "../helpers/needs.ts";

const MIB = 1024 ** 2;
/** Bytes each way, over all connections. */
const TOTAL = Deno.env.get("BASTION_TEST_FULL") === "1" ? 1024 * MIB : 64 * MIB;

interface Hashes {
  readonly sent: string;
  readonly received: string;
}

/** Sends `total` bytes and receives as many, at the same time, and notes both hashes. */
function startExchange(total: number, done: Hashes[]): LocalServer {
  return startLocalServer(async (conn) => {
    const [sent, received] = await Promise.all([
      sendBytes(conn, total),
      receiveBytes(conn, total),
    ]);
    done.push({ sent, received });
    await finish(conn);
  });
}

for (const connections of [1, 20]) {
  const share = Math.floor(TOTAL / connections);
  const name = `${TOTAL / MIB} MiB each way over ${connections} connection(s) arrive unchanged`;
  needs().test(name, async () => {
    const far: Hashes[] = [];
    await using server = startExchange(share, far);
    await withAzure({ ports: { 9000: server.port } }, async (azure) => {
      const tunnel = await azure.openTunnel(9000);
      const near = await Promise.all(
        Array.from({ length: connections }, async (): Promise<Hashes> => {
          using conn = await tunnel.connect();
          const [sent, received] = await Promise.all([
            sendBytes(conn, share),
            receiveBytes(conn, share),
          ]);
          assert.equal(
            await conn.read(new Uint8Array(1)),
            null,
            "nothing comes after the last byte",
          );
          return { sent, received };
        }),
      );
      const pairs = (list: readonly Hashes[]) =>
        list.map(({ sent, received }) => [sent, received].join(" ")).sort();
      assert.deepEqual(
        pairs(near),
        pairs(far.map(({ sent, received }) => ({ sent: received, received: sent }))),
      );

      await tunnel.event("connection-closed", { count: connections });
      const { bytesUp, bytesDown, largestFrameUp, continuationFramesUp } = azure.emulator.stats();
      const whole = share * connections;
      assert.deepEqual({ bytesUp, bytesDown }, { bytesUp: whole, bytesDown: whole });
      assert.deepEqual({ largestFrameUp, continuationFramesUp }, {
        largestFrameUp: 4096,
        continuationFramesUp: 0,
      });
    });
  });
}

Deno.test("--frame-size is the largest frame that is sent", async () => {
  const far: Hashes[] = [];
  await using server = startExchange(MIB, far);
  await withAzure({ ports: { 9000: server.port } }, async (azure) => {
    const tunnel = await azure.openTunnel(9000, ["--frame-size", "1000"]);
    using conn = await tunnel.connect();
    const [sent] = await Promise.all([sendBytes(conn, MIB), receiveBytes(conn, MIB)]);
    await conn.closeWrite();
    await tunnel.event("connection-closed");
    assert.equal(far[0]?.received, sent);
    assert.equal(azure.emulator.stats().largestFrameUp, 1000);
  });
});
