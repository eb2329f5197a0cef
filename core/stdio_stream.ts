/** This program's stdin and stdout as one byte stream. */

import type { Clock } from "./clock.ts";
import type { ByteStream } from "./tunnel/tunnel_request.ts";

export interface StdioStream extends ByteStream {
  /** Whether whoever read stdout went away. */
  readonly gone: boolean;
}

export interface StdioOptions {
  readonly stdin: Pick<typeof Deno.stdin, "read">;
  readonly stdout: Pick<typeof Deno.stdout, "write">;
  readonly clock: Pick<Clock, "sleep">;
}

/** What another process has made non-blocking is looked at anew after so long, in ms, at most. */
const MAX_PAUSE = 20;

/**
 * Stdout cannot be ended alone: the program's end is the EOF for its reader. So once the far side has
 * ended (`closeWrite`), what stdin still says is for nobody, and reads end at once.
 */
export function createStdioStream({ stdin, stdout, clock }: StdioOptions): StdioStream {
  let inputEnded = false;
  let closed = false;
  let gone = false;
  // One of each at most: a race against a promise that lives on would grow with every read.
  let endRead = () => {};
  let endWrite = () => {};

  /** A pipe that is shared may have been made non-blocking by whoever shares it. */
  async function patiently<Result>(attempt: () => Promise<Result>): Promise<Result> {
    for (let pause = 1;; pause = Math.min(2 * pause, MAX_PAUSE)) {
      try {
        return await attempt();
      } catch (error) {
        if (!(error instanceof Deno.errors.WouldBlock) || closed) throw error;
        await clock.sleep(pause);
      }
    }
  }

  function closeInput(): void {
    inputEnded = true;
    endRead();
  }

  return {
    get gone() {
      return gone;
    },
    read(into) {
      if (inputEnded) return Promise.resolve(null);
      return new Promise((resolve, reject) => {
        endRead = () => resolve(null);
        patiently(() => stdin.read(into)).then(resolve, reject);
      });
    },
    write(bytes) {
      const cut = () => new Deno.errors.BrokenPipe("the stream is closed");
      if (closed) return Promise.reject(cut());
      return new Promise((resolve, reject) => {
        endWrite = () => reject(cut());
        patiently(() => stdout.write(bytes)).then(resolve, (error) => {
          gone = true;
          reject(error);
        });
      });
    },
    closeWrite() {
      closeInput();
      return Promise.resolve();
    },
    close() {
      closed = true;
      closeInput();
      endWrite();
    },
  };
}
