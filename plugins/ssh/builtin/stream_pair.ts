/** Two ends of one connection in memory: a tunnel's stream, and a socket as Node's libraries want it. */

import { Buffer } from "node:buffer";
import { Duplex } from "node:stream";
import type { ByteStream } from "../../../core/mod.ts";

export interface StreamPair {
  readonly stream: ByteStream;
  /** Ends when the stream's `closeWrite` says so, and closes then by itself. */
  readonly socket: Duplex;
}

/** Neither end queues more than Node's own buffer of a stream holds. */
export function createStreamPair(): StreamPair {
  let pending: { bytes: Uint8Array; readonly taken: () => void } | undefined;
  let ended = false;
  let wakeReader = () => {};
  let wakeWriter = () => {};

  const socket = new Duplex({
    allowHalfOpen: false,
    read: () => wakeWriter(),
    write(bytes: Buffer, _encoding, taken) {
      pending = { bytes, taken };
      wakeReader();
    },
    final(done) {
      ended = true;
      wakeReader();
      done();
    },
    destroy(error, done) {
      pending = undefined;
      ended = true;
      wakeReader();
      wakeWriter();
      done(error);
    },
  });

  const stream: ByteStream = {
    async read(into) {
      while (!pending && !ended) await new Promise<void>((resolve) => wakeReader = resolve);
      if (!pending) return null;
      let size = 0;
      // What was written packet by packet goes on in one piece: `taken` brings the next.
      while (pending && size < into.length) {
        const { bytes, taken }: NonNullable<typeof pending> = pending;
        const part = bytes.subarray(0, into.length - size);
        into.set(part, size);
        size += part.length;
        if (part.length < bytes.length) pending.bytes = bytes.subarray(part.length);
        else {
          pending = undefined;
          taken();
        }
      }
      return size;
    },
    async write(bytes) {
      if (socket.destroyed) throw new Deno.errors.BrokenPipe("nobody reads any longer");
      // A copy: the buffer is the writer's again when this resolves.
      const more = socket.push(Buffer.from(bytes));
      if (!more) await new Promise<void>((resolve) => wakeWriter = resolve);
      return bytes.length;
    },
    closeWrite() {
      if (!socket.destroyed) socket.push(null);
      return Promise.resolve();
    },
    close: () => void socket.destroy(),
  };
  return { stream, socket };
}
