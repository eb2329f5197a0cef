/** The input that is being tried, and how many were, in memory that two threads see. */

const HEAD = 8;
/** In place of a length, between two cases. */
const NONE = -1;

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

  /** To be called after each case. */
  end(): void {
    Atomics.store(this.#head, 1, NONE);
  }

  /** How often `begin` was called. */
  get cases(): number {
    return Atomics.load(this.#head, 0);
  }

  /** Undefined between two cases. */
  get input(): Uint8Array | undefined {
    const length = Atomics.load(this.#head, 1);
    return length === NONE ? undefined : this.#bytes.slice(0, length);
  }
}
