import type { BufferPool } from "./buffer_pool.ts";

/** What an idle connection holds. */
const SMALL = 2 * 1024;
/** More is read behind what has just come where so much came, and so much room is left. */
const WORTH_IT = 8 * 1024;
/** A read that has something to give at once resolves within so many microtasks. */
const MICROTASKS = 6;

/** Anything that fills a buffer, as `Deno.Conn` does. */
export interface ByteSource {
  read(into: Uint8Array): Promise<number | null>;
}

/**
 * Reads into a small buffer while little comes and into a large, borrowed one while much does: an
 * idle connection holds 2 KiB, a busy one moves as much a call as the pool's buffers hold.
 *
 * A TLS connection gives 16 KiB a read at most. What is there already is read behind it, so that it
 * is written in one go; what is not there is never waited for.
 */
export class AdaptiveReader {
  readonly #source: ByteSource;
  readonly #pool: BufferPool;
  readonly #small = new Uint8Array(SMALL);
  #large: Uint8Array<ArrayBuffer> | undefined;
  #last = 0;
  /** A read that was begun behind what was given last, and has not ended yet. */
  #ahead: { readonly at: number; readonly size: Promise<number | null> } | undefined;

  constructor(source: ByteSource, pool: BufferPool) {
    this.#source = source;
    this.#pool = pool;
  }

  /** The next bytes, a view that is valid until the next call; null at the end. */
  async read(): Promise<Uint8Array | null> {
    const ahead = this.#ahead;
    if (!ahead) {
      if (!this.#large && this.#last === SMALL) this.#large = this.#pool.take();
      else if (this.#last < SMALL) this.release();
    }
    const buffer = this.#large ?? this.#small;
    const at = ahead?.at ?? 0;
    const size = await (ahead?.size ?? this.#source.read(buffer));
    this.#ahead = undefined;
    if (size === null) return null;
    this.#last = size;
    const end = this.#large ? await this.#readOn(this.#large, at + size) : size;
    return buffer.subarray(at, end);
  }

  /** Gives back what was borrowed. Call it when no view is in use. */
  release(): void {
    // A buffer that is still being read into is left to the garbage collector.
    if (this.#large && !this.#ahead) this.#pool.give(this.#large);
    this.#large = undefined;
    this.#last = 0;
  }

  /** Where what is there already ends. */
  async #readOn(buffer: Uint8Array, from: number): Promise<number> {
    let end = from;
    while (this.#last >= WORTH_IT && buffer.length - end >= WORTH_IT) {
      const size = this.#source.read(buffer.subarray(end));
      let got: number | null | undefined;
      // Its failure is told by the next read().
      size.then((n) => got = n, () => {});
      for (let i = 0; i < MICROTASKS && got === undefined; i++) await undefined;
      if (typeof got !== "number") {
        this.#ahead = { at: end, size };
        break;
      }
      this.#last = got;
      end += got;
    }
    return end;
  }
}
