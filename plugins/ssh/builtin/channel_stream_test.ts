import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { createHash, randomBytes } from "node:crypto";
import type { Duplex } from "node:stream";
// @ts-types="@types/ssh2"
import ssh2 from "ssh2";
import type { ByteSource } from "../../../core/mod.ts";
import { eventually } from "../../../tests/helpers/eventually.ts";
import { createInMemoryVm } from "../../../tests/helpers/in_memory_vm.ts";
import { testSsh2 } from "../../../tests/helpers/test_ssh2.ts";
import { type BuiltInConnection, openConnection } from "./open_connection.ts";

const hostKey = ssh2.utils.generateKeyPairSync("rsa", { bits: 2048 }).private;

/** A connection to a server that lets everybody in, and runs every command by `onExec`. */
async function withServer(
  onExec: (channel: ssh2.ServerChannel, command: string) => void,
  body: (connection: BuiltInConnection) => Promise<void>,
): Promise<void> {
  const server = new ssh2.Server({ hostKeys: [hostKey] }, (client) => {
    client.on("error", () => {});
    client.on("authentication", (attempt) => attempt.accept());
    client.on("session", (accept) =>
      accept().on("exec", (acceptExec, _reject, { command }) => {
        if (command === "refused") return _reject();
        onExec(acceptExec(), command);
      }));
  });
  await using vm = await createInMemoryVm({
    serve: (socket: Duplex) => server.injectSocket(socket as never),
  });
  await using connection = await openConnection(vm.plan, {}, vm.ctx);
  await body(connection);
}

async function readAll(source: ByteSource): Promise<Buffer> {
  const chunks: Buffer[] = [];
  const buffer = new Uint8Array(10_000);
  for (let n = await source.read(buffer); n !== null; n = await source.read(buffer)) {
    chunks.push(Buffer.from(buffer.subarray(0, n)));
  }
  return Buffer.concat(chunks);
}

const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

testSsh2([], "channel: bytes both ways, stderr apart, and the exit code", async () => {
  const sent = randomBytes(1_500_000);
  await withServer((channel) => {
    const input: Buffer[] = [];
    channel.on("data", (chunk: Buffer) => {
      input.push(chunk);
      const all = Buffer.concat(input);
      if (all.length < sent.length) return;
      channel.stderr.write("a warning");
      channel.write(all, () => {
        channel.exit(7);
        channel.end();
      });
    });
  }, async (connection) => {
    const channel = await connection.exec("echo");
    const reading = readAll(channel);
    for (let at = 0; at < sent.length; at += 100_000) {
      const part = Uint8Array.from(sent.subarray(at, at + 100_000));
      await channel.write(part);
      // The buffer is the writer's again.
      part.fill(0);
    }
    assert.equal(sha256(await reading), sha256(sent));
    assert.equal((await readAll(channel.stderr)).toString(), "a warning");
    assert.deepEqual(await channel.ended, { code: 7 });
  });
});

testSsh2([], "channel: whoever does not read holds up the server, and loses nothing", async () => {
  const bytes = randomBytes(12 * 1024 ** 2);
  let taken = 0;
  await withServer((channel) => {
    const send = (at: number) => {
      if (at >= bytes.length) return void channel.end();
      channel.write(bytes.subarray(at, at + 65_536), () => {
        taken = at + 65_536;
        send(taken);
      });
    };
    send(0);
  }, async (connection) => {
    const channel = await connection.exec("send");
    await eventually("the window is used up", () => taken >= 1024 ** 2);
    assert.ok(taken < 8 * 1024 ** 2, `${taken} bytes were taken`);
    assert.equal(sha256(await readAll(channel)), sha256(bytes));
  });
});

testSsh2(
  [],
  "channel: a command that ends without reading its input is no hang for the writer",
  () =>
    withServer((channel) => {
      channel.write("unread");
      channel.exit("TERM", false, "");
      channel.close();
    }, async (connection) => {
      const channel = await connection.exec("true");
      const writing = (async () => {
        for (;;) await channel.write(new Uint8Array(256 * 1024));
      })();
      await assert.rejects(writing, Deno.errors.BrokenPipe);
      await assert.rejects(channel.closeWrite(), Deno.errors.BrokenPipe);
      assert.deepEqual(await channel.ended, { signal: "TERM" });
      assert.equal((await readAll(channel)).toString(), "unread");
    }),
);

testSsh2(
  [],
  "channel: closed by ourselves, it ends for all",
  () =>
    withServer(() => {}, async (connection) => {
      const channel = await connection.exec("sleep");
      const reading = channel.read(new Uint8Array(10));
      channel.close();
      assert.equal(await reading, null);
      assert.deepEqual(await channel.ended, { code: 255 });
      await assert.rejects(channel.write(new Uint8Array(1)), Deno.errors.BrokenPipe);
    }),
);

testSsh2(
  [],
  "channel: what the server refuses is told with its reason",
  () =>
    withServer(() => {}, async (connection) => {
      const refused = { code: "ssh/request-refused" };
      await assert.rejects(connection.exec("refused"), refused);
      await assert.rejects(connection.forward("10.0.0.9", 5432), {
        ...refused,
        message: /a connection to 10\.0\.0\.9:5432: /,
      });
      await assert.rejects(connection.openSubsystem("sftp"), refused);
    }),
);
