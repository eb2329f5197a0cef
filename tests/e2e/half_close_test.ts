/** Clients that end their side at once, as `printf x | nc -N` does, get the whole reply. */

import assert from "node:assert/strict";
import { withAzure } from "../helpers/emulated_azure.ts";
import { randomBytes, sha256, sha256OfFile } from "../helpers/file_tree.ts";
import { startReplyAfterEofServer, startReplyServer } from "../helpers/http_servers.ts";
import { needs } from "../helpers/needs.ts";
import { runSuccessfully } from "../helpers/run.ts";

for (const size of [100, 1024 ** 2, 8 * 1024 ** 2]) {
  needs("nc").test(`printf x | nc -N gets the whole reply of ${size} bytes`, async () => {
    const reply = randomBytes(size);
    await using server = startReplyServer(reply);
    await withAzure({ ports: { 9000: server.port } }, async (azure) => {
      const tunnel = await azure.openTunnel(9000);
      for (let i = 1; i <= 3; i++) {
        const file = azure.file(`reply-${i}`);
        const script = 'printf x | nc -N 127.0.0.1 "$1" > "$2"';
        await runSuccessfully(["sh", "-c", script, "sh", String(tunnel.port), file]);
        assert.equal(await sha256OfFile(file), sha256(reply));
        const closed = await tunnel.event("connection-closed", { count: i });
        assert.deepEqual(
          { up: closed["bytesUp"], down: closed["bytesDown"], reason: closed["reason"] },
          { up: 1, down: size, reason: "remote-closed" },
        );
      }
    });
  });
}

needs("nc").test(
  "a server that answers only after EOF gets none, and nc ends without a hang",
  async () => {
    await using server = startReplyAfterEofServer(randomBytes(100));
    await withAzure({ ports: { 9000: server.port } }, async (azure) => {
      const tunnel = await azure.openTunnel(9000, ["--half-close-grace", "1"]);
      const script = 'printf x | nc -N 127.0.0.1 "$1" | wc -c';
      const { stdout } = await runSuccessfully(["sh", "-c", script, "sh", String(tunnel.port)]);
      // No half-close crosses the tunnel: the server sees the end only with the whole connection's.
      assert.equal(Number(stdout), 0);
      const { reason } = await tunnel.event("connection-closed");
      assert.equal(reason, "local-closed");
    });
  },
);
