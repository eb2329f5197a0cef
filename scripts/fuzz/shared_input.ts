/** The input that is being tried, and how many were, in memory that two threads see. */

const HEAD = 8;

export class SharedInput {
  readonly #head: Int32Array;
  readonly #bytes: Uint8Array;

  constructor(buffer: SharedArrayBuffer) {
    this.#head = new Int32Array(buffer, 0, 2);
    this.#bytes = new Uint8Array(buffer, HEAD);
  }

  static create(maxLength: number): SharedArrayBuffer {
    return new SharedArrayBuffer(HEAD + maxLength);
  }

  /** To be called before each case. */
  begin(input: Uint8Array): void {
    this.#bytes.set(input);
    Atomics.store(this.#head, 1, input.length);
    Atomics.add(this.#head, 0, 1);
  }

  /** How often `begin` was called. */
  get cases(): number {
    return Atomics.load(this.#head, 0);
  }

  get input(): Uint8Array {
    return this.#bytes.slice(0, Atomics.load(this.#head, 1));
  }
}
