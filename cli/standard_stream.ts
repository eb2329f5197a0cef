/** Standard output or error, written whole and in order. */

export interface StandardStream {
  readonly isTerminal: boolean;
  /** Writes all of it, or nothing where nobody reads any more. */
  write(text: string): void;
}

/** The part of Deno.stdout that is needed. */
interface Sink {
  writeSync(bytes: Uint8Array): number;
  isTerminal(): boolean;
}

/** So long a reader may leave a non-blocking pipe full, in ms, before it counts as gone. */
const PATIENCE = 5_000;
const PAUSE = 5;

/** @param onGone called once, when whoever reads has gone away */
export function createStandardStream(sink: Sink, onGone: () => void): StandardStream {
  const encoder = new TextEncoder();
  const pause = new Int32Array(new SharedArrayBuffer(4));
  let gone = false;

  function writeAll(bytes: Uint8Array): void {
    let waited = 0;
    for (let written = 0; written < bytes.length;) {
      try {
        written += sink.writeSync(bytes.subarray(written));
        waited = 0;
      } catch (error) {
        // Whoever shares the pipe may have made it non-blocking; then a full one is no failure.
        if (!(error instanceof Deno.errors.WouldBlock) || waited >= PATIENCE) throw error;
        Atomics.wait(pause, 0, 0, PAUSE);
        waited += PAUSE;
      }
    }
  }

  return {
    isTerminal: sink.isTerminal(),
    write(text) {
      if (gone) return;
      try {
        writeAll(encoder.encode(text));
      } catch {
        // EPIPE as a rule. There is nobody left to tell.
        gone = true;
        onGone();
      }
    },
  };
}
