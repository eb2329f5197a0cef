/**
 * Sessions whose DELETE has failed (the network was away, the service busy): tried again when
 * another request has shown that the service can be reached, and once more at the end.
 */

import type { SessionKey } from "./journal.ts";

export class OwedDeletes {
  readonly #remove: (key: SessionKey) => Promise<boolean>;
  readonly #owed = new Map<SessionKey, () => void>();
  #retrying: Promise<void> | undefined;

  /** @param remove whether the session is gone; never rejects */
  constructor(remove: (key: SessionKey) => Promise<boolean>) {
    this.#remove = remove;
  }

  /** Ends a session; `onGone` is called when it is gone, now or later. */
  async end(key: SessionKey, onGone: () => void): Promise<void> {
    if (await this.#remove(key)) {
      onGone();
      this.retry();
    } else {
      this.#owed.set(key, onGone);
    }
  }

  /** Tries what is owed again, one after the other, up to the first that fails. Never rejects. */
  retry(): Promise<void> {
    this.#retrying ??= this.#run().finally(() => this.#retrying = undefined);
    return this.#retrying;
  }

  async #run(): Promise<void> {
    for (const [key, onGone] of this.#owed) {
      if (!await this.#remove(key)) return;
      this.#owed.delete(key);
      onGone();
    }
  }
}
