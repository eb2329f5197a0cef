import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import { PassThrough } from "node:stream";
import type { Client } from "ssh2";
import { openChannels } from "./open_channels.ts";

/** Channels of a client that opens every one of them, or refuses all. */
function openings(refusal?: Error) {
  const gone = new AbortController();
  const client = {
    exec(_command: string, done: (error: Error | undefined, channel: unknown) => void) {
      const close = () => {};
      done(refusal, Object.assign(new PassThrough(), { stderr: new PassThrough(), close }));
    },
  };
  const channels = openChannels(client as unknown as Client, {
    gone: gone.signal,
    cut: () => gone.signal.aborted ? new Error("cut") : undefined,
    refused: (request, problem) => new Error(`${request}: ${problem}`),
  });
  return { channels, gone, waiting: () => getEventListeners(gone.signal, "abort").length };
}

Deno.test("openChannels: the connection forgets a channel that has ended, and one it never had", async () => {
  const { channels, waiting } = openings();
  for (let i = 0; i < 20; i++) (await channels.exec("true")).close();
  assert.equal(waiting(), 0);
  const refusing = openings(new Error("no more sessions"));
  await assert.rejects(refusing.channels.exec("true"), { message: "a command: no more sessions" });
  assert.equal(refusing.waiting(), 0);
});

Deno.test("openChannels: a connection that goes takes its channels along", async () => {
  const { channels, gone, waiting } = openings();
  const channel = await channels.exec("sleep");
  assert.equal(waiting(), 1);
  gone.abort();
  await assert.rejects(channel.ended, { message: "cut" });
  await assert.rejects(channel.write(new Uint8Array(1)), { message: "cut" });
});
