/** A channel of ssh2's as a byte stream, with back-pressure both ways, and an end that is told from a cut. */

import { Buffer } from "node:buffer";
import type { Readable } from "node:stream";
import type { Channel } from "ssh2";
import type { ByteSource, ByteStream } from "../../../core/mod.ts";

export interface ChannelStream extends ByteStream {
  readonly stderr: ByteSource;
  /** Resolves when either side has closed the channel, or the connection is gone. */
  readonly closed: Promise<void>;
}

/** The connection below. */
export interface ChannelWay {
  /** Aborts when it is gone. A promise would hold every channel until then, and that may be days. */
  readonly gone: AbortSignal;
  /** Why it is gone; nothing as long as it is not. */
  cut(): Error | undefined;
}

export function channelStream(channel: Channel, { gone, cut }: ChannelWay): ChannelStream {
  const closed = Promise.withResolvers<void>();
  let isClosed = false;
  let endWrite = () => {};

  const end = () => {
    isClosed = true;
    gone.removeEventListener("abort", end);
    closed.resolve();
    endWrite();
  };
  // ssh2 calls it when the far side has closed the channel, too, and tells nobody else as long as
  // there is something to read: whoever writes meanwhile would wait for ever.
  const close = channel.close.bind(channel);
  channel.close = () => {
    end();
    close();
  };
  // A stream whose both directions have ended destroys itself, which ssh2 makes the channel's end: the
  // exit code, which comes behind the last byte, would be lost.
  channel.destroy = () => channel;
  if (gone.aborted) end();
  else gone.addEventListener("abort", end);
  // A write that comes too late is told to the writer.
  channel.on("error", () => {});

  /** One write or half-close at a time; the end of the channel ends it. */
  const attempt = <Result>(work: (done: (result: Result) => void) => void): Promise<Result> => {
    const refusal = () => cut() ?? new Deno.errors.BrokenPipe("the channel is closed");
    if (isClosed) return Promise.reject(refusal());
    return new Promise((resolve, reject) => {
      endWrite = () => reject(refusal());
      work(resolve);
    });
  };

  return {
    read: source(channel, cut).read,
    stderr: source(channel.stderr as Readable, cut),
    closed: closed.promise,
    write: (bytes) =>
      // A copy: what exceeds the window is sent later.
      attempt((done) => channel.write(Buffer.from(bytes), () => done(bytes.length))),
    closeWrite: () => attempt<void>((done) => channel.end(() => done())),
    close() {
      if (!isClosed) channel.close();
    },
  };
}

function source(readable: Readable, cut: () => Error | undefined): ByteSource {
  let wake = () => {};
  let complete = false;
  // ssh2 ends its streams in the same way where the connection was cut, and where all has come.
  const push = readable.push.bind(readable);
  readable.push = (chunk, encoding) => {
    if (chunk === null && !cut()) complete = true;
    return push(chunk, encoding);
  };
  for (const event of ["readable", "end", "close", "error"]) readable.on(event, () => wake());

  return {
    async read(into) {
      for (;;) {
        const size = Math.min(into.length, readable.readableLength);
        const chunk: Buffer | null = size > 0 ? readable.read(size) : readable.read();
        if (chunk !== null) {
          into.set(chunk);
          return chunk.length;
        }
        if (readable.readableEnded || readable.destroyed) {
          const error = complete ? undefined : cut();
          if (error) throw error;
          return null;
        }
        await new Promise<void>((resolve) => wake = resolve);
      }
    },
  };
}
