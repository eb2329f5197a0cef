/**
 * Standard output or error, written whole and in order, and never waited for: a reader that stops
 * reading must not stop the program's connections.
 */

export interface StandardStream {
  readonly isTerminal: boolean;
  /** Will be written, unless nobody reads any more or too much waits to be written already. */
  write(text: string): void;
  /** Resolves when all of it is written, or nobody reads any more. */
  flush(): Promise<void>;
}

/** The part of Deno.stdout that is needed. */
interface Sink {
  write(bytes: Uint8Array): Promise<number>;
  isTerminal(): boolean;
}

/** Bytes that may wait for a reader; texts beyond are dropped, and counted. */
const MAX_WAITING = 4 * 1024 * 1024;
/** So long a reader may leave a non-blocking pipe full, in ms, before it counts as gone. */
const PATIENCE = 5_000;
const PAUSE = 5;

/** @param onGone called once, when whoever reads has gone away */
export function createStandardStream(sink: Sink, onGone: () => void): StandardStream {
  const encoder = new TextEncoder();
  const waiting: Uint8Array[] = [];
  let waitingBytes = 0;
  let dropped = 0;
  let gone = false;
  let writing: Promise<void> | undefined;

  async function writeAll(bytes: Uint8Array): Promise<void> {
    let waited = 0;
    for (let written = 0; written < bytes.length;) {
      try {
        written += await sink.write(bytes.subarray(written));
        waited = 0;
      } catch (error) {
        // Whoever shares the pipe may have made it non-blocking; then a full one is no failure.
        if (!(error instanceof Deno.errors.WouldBlock) || waited >= PATIENCE) throw error;
        await new Promise((resolve) => setTimeout(resolve, PAUSE));
        waited += PAUSE;
      }
    }
  }

  async function drain(): Promise<void> {
    try {
      for (let bytes = waiting.shift(); bytes; bytes = waiting.shift()) {
        await writeAll(bytes);
        waitingBytes -= bytes.length;
        if (dropped === 0 || waiting.length > 0) continue;
        const note = `bastion: ${dropped} lines were dropped here: nobody read them\n`;
        dropped = 0;
        await writeAll(encoder.encode(note));
      }
    } catch {
      // EPIPE as a rule. There is nobody left to tell.
      gone = true;
      onGone();
    } finally {
      writing = undefined;
    }
  }

  return {
    isTerminal: sink.isTerminal(),
    write(text) {
      if (gone) return;
      // A single text is what was asked for, whatever its length; what piles up is not.
      if (waitingBytes > MAX_WAITING) {
        dropped++;
        return;
      }
      const bytes = encoder.encode(text);
      waiting.push(bytes);
      waitingBytes += bytes.length;
      writing ??= drain();
    },
    async flush() {
      await writing;
    },
  };
}
