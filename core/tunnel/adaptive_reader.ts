import type { BufferPool } from "./buffer_pool.ts";

/** What an idle connection holds. */
const SMALL = 2 * 1024;

/** Anything that fills a buffer, as `Deno.Conn` does. */
export interface ByteSource {
  read(into: Uint8Array): Promise<number | null>;
}

/**
 * Reads into a small buffer while little comes and into a large, borrowed one while much does: an
 * idle connection holds 2 KiB, a busy one moves as much a call as the pool's buffers hold.
 */
export class AdaptiveReader {
  readonly #source: ByteSource;
  readonly #pool: BufferPool;
  readonly #small = new Uint8Array(SMALL);
  #large: Uint8Array<ArrayBuffer> | undefined;
  #last = 0;

  constructor(source: ByteSource, pool: BufferPool) {
    this.#source = source;
    this.#pool = pool;
  }

  /** The next bytes, a view that is valid until the next call; null at the end. */
  async read(): Promise<Uint8Array | null> {
    if (!this.#large && this.#last === SMALL) this.#large = this.#pool.take();
    else if (this.#last < SMALL) this.release();
    const buffer = this.#large ?? this.#small;
    const n = await this.#source.read(buffer);
    if (n === null) return null;
    this.#last = n;
    return buffer.subarray(0, n);
  }

  /** Gives back what was borrowed. Call it when no read is pending and no view is in use. */
  release(): void {
    if (this.#large) this.#pool.give(this.#large);
    this.#large = undefined;
    this.#last = 0;
  }
}
