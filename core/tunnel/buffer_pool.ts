/** Buffers of one size, lent to whoever moves bytes at the moment, so that the idle hold none. */
export class BufferPool {
  readonly #size: number;
  readonly #kept: number;
  readonly #free: Uint8Array<ArrayBuffer>[] = [];

  /**
   * @param size bytes of each buffer
   * @param kept how many unused ones are kept; more are left to the garbage collector
   */
  constructor(size: number, kept = 32) {
    this.#size = size;
    this.#kept = kept;
  }

  take(): Uint8Array<ArrayBuffer> {
    return this.#free.pop() ?? new Uint8Array(this.#size);
  }

  /** Only a buffer from `take`, once, and with no read or write pending on it. */
  give(buffer: Uint8Array<ArrayBuffer>): void {
    if (this.#free.length < this.#kept) this.#free.push(buffer);
  }
}
