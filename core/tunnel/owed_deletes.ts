/**
 * Sessions whose DELETE has failed (the network was away, the service busy): tried again when
 * another one has succeeded, after a while, and once more at the end.
 */

import type { Clock } from "../clock.ts";
import type { SessionKey } from "./journal.ts";

/** Between two tries, in ms: further and further apart. */
const FIRST_DELAY = 5_000;
const LAST_DELAY = 300_000;

/** A session's own DELETE has its own time limit. */
const NEVER = new AbortController().signal;

export class OwedDeletes {
  readonly #remove: (key: SessionKey, signal: AbortSignal) => Promise<boolean>;
  readonly #clock: Clock;
  readonly #owed = new Map<SessionKey, () => void>();
  #retrying: Promise<void> | undefined;
  #cancelTimer: (() => void) | undefined;
  #delay = FIRST_DELAY;
  #closed = false;
  /** Gives up what is being tried again. */
  readonly #late = new AbortController();

  /** @param remove whether the session is gone, `signal` permitting; never rejects */
  constructor(
    remove: (key: SessionKey, signal: AbortSignal) => Promise<boolean>,
    clock: Clock,
  ) {
    this.#remove = remove;
    this.#clock = clock;
  }

  /** Ends a session; `onGone` is called when it is gone, now or later. */
  async end(key: SessionKey, onGone: () => void): Promise<void> {
    if (await this.#remove(key, NEVER)) {
      onGone();
      this.retry();
    } else {
      this.#owed.set(key, onGone);
      this.#schedule();
    }
  }

  /** One last try, for so many ms; nothing is tried afterwards. */
  async close(limit: number): Promise<void> {
    this.#closed = true;
    this.#cancelTimer?.();
    const cancel = this.#clock.after(Math.max(0, limit), () => this.#late.abort());
    await this.#retrying;
    if (limit > 0) await this.retry();
    cancel();
  }

  /** Tries what is owed again, one after the other, up to the first that fails. Never rejects. */
  retry(): Promise<void> {
    this.#retrying ??= this.#run().finally(() => this.#retrying = undefined);
    return this.#retrying;
  }

  #schedule(): void {
    if (this.#closed || this.#cancelTimer || this.#owed.size === 0) return;
    this.#cancelTimer = this.#clock.after(this.#delay, () => {
      this.#cancelTimer = undefined;
      this.#delay = Math.min(2 * this.#delay, LAST_DELAY);
      this.retry();
    });
  }

  async #run(): Promise<void> {
    for (const [key, onGone] of this.#owed) {
      if (!await this.#remove(key, this.#late.signal)) return this.#schedule();
      this.#delay = FIRST_DELAY;
      this.#owed.delete(key);
      onGone();
    }
  }
}
