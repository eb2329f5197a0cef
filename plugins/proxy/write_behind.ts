/** Takes bytes at once and writes them meanwhile, so that more can be fetched while a pipe is full. */

import type { ByteStream } from "../../core/mod.ts";

/** What waits to be written, at most, in bytes; as much again is being written. */
const ROOM = 256 * 1024;

/**
 * A pipe holds 64 KiB: a write of as much ends only when its reader has come round. A failure is told
 * by the next write, or by `closeWrite`, which waits until everything is written.
 */
export function writeBehind(stream: ByteStream): ByteStream {
  let [waiting, spare] = [new Uint8Array(ROOM), new Uint8Array(ROOM)];
  let held = 0;
  let failure: { readonly error: unknown } | undefined;
  /** Writes all that waits. */
  let writing: Promise<void> | undefined;
  let room = Promise.withResolvers<void>();

  function makeRoom(): void {
    room.resolve();
    room = Promise.withResolvers();
  }

  async function drain(): Promise<void> {
    try {
      while (held > 0) {
        const full = waiting.subarray(0, held);
        [waiting, spare] = [spare, waiting];
        held = 0;
        makeRoom();
        for (let at = 0; at < full.length;) at += await stream.write(full.subarray(at));
      }
    } catch (error) {
      failure = { error };
      makeRoom();
    } finally {
      writing = undefined;
    }
  }

  return {
    read: (into) => stream.read(into),
    async write(bytes) {
      while (!failure && held === ROOM) await room.promise;
      if (failure) throw failure.error;
      const taken = bytes.subarray(0, ROOM - held);
      waiting.set(taken, held);
      held += taken.length;
      writing ??= drain();
      return taken.length;
    },
    async closeWrite() {
      await writing;
      if (failure) throw failure.error;
      await stream.closeWrite();
    },
    close: () => stream.close(),
  };
}
