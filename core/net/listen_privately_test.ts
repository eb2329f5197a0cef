import assert from "node:assert/strict";
import { writeAll } from "../../tests/helpers/local_server.ts";
import { tempDir } from "../../tests/helpers/temp_dir.ts";
import { createPlatform } from "../platform.ts";
import type { ByteStream } from "../tunnel/tunnel_request.ts";
import { listenPrivately } from "./listen_privately.ts";

const platform = createPlatform(Deno.build.os, () => undefined);
const posix = { ignore: Deno.build.os === "windows" };

async function echo(connection: ByteStream): Promise<void> {
  const buffer = new Uint8Array(1000);
  for (;;) {
    const size = await connection.read(buffer);
    if (size === null) return await connection.closeWrite();
    await connection.write(buffer.subarray(0, size));
  }
}

Deno.test(
  "listenPrivately: bytes both ways, the end too; nobody else may connect",
  posix,
  async () => {
    await using directory = await tempDir();
    {
      await using listener = await listenPrivately(directory.path, echo, platform);
      assert.equal(((await Deno.stat(listener.path)).mode ?? 0) & 0o777, 0o600);
      await Promise.all([1, 2, 3].map(async (n) => {
        using conn = await Deno.connect({ transport: "unix", path: listener.path });
        const sent = new Uint8Array(100_000).fill(n);
        const writing = writeAll(conn, sent).then(() => conn.closeWrite());
        assert.deepEqual(await new Response(conn.readable).bytes(), sent);
        await writing;
      }));
    }
    assert.deepEqual(await Array.fromAsync(Deno.readDir(directory.path)), []);
  },
);

Deno.test("listenPrivately: its end is every connection's", posix, async () => {
  await using directory = await tempDir();
  const opened = Promise.withResolvers<void>();
  const listener = await listenPrivately(directory.path, (connection) => {
    opened.resolve();
    return echo(connection);
  }, platform);
  using conn = await Deno.connect({ transport: "unix", path: listener.path });
  await opened.promise;
  await listener[Symbol.asyncDispose]();
  assert.equal(await conn.read(new Uint8Array(1)), null);
});

Deno.test("listenPrivately: what serves badly harms no other", posix, async () => {
  await using directory = await tempDir();
  await using listener = await listenPrivately(
    directory.path,
    () => Promise.reject(new Error("defect")),
    platform,
  );
  for (let i = 0; i < 2; i++) {
    using conn = await Deno.connect({ transport: "unix", path: listener.path });
    assert.equal(await conn.read(new Uint8Array(1)), null);
  }
});

Deno.test("listenPrivately: a place that does not do is refused", posix, async () => {
  await assert.rejects(listenPrivately("/nonexistent", echo, platform), /ENOENT|EACCES|No such/i);
});
