/**
 * When to ping, and when to give the far side up. Pure: times are handed in, in ms.
 *
 * Only the time counts during which a read was outstanding and nothing came: while a slow local
 * reader holds us up, we do not read, and the far side is not to blame. A service that has not
 * answered any ping of this session is not judged by its silence (some are said to ignore pings);
 * so the first ping goes out after one interval even while data flows, that a peer which dies in
 * the middle of a transfer can be judged too.
 */
export class PingClock {
  readonly #interval: number;
  readonly #openedAt: number;
  /** Since when a read has been outstanding without a byte; undefined while none is. */
  #quietSince: number | undefined;
  #pinged = false;
  #everPinged = false;
  #answered = false;

  constructor(interval: number, now: number) {
    this.#interval = interval;
    this.#openedAt = now;
  }

  readStarted(now: number): void {
    this.#quietSince = now;
  }

  bytesCame(): void {
    this.#quietSince = undefined;
    this.#pinged = false;
  }

  pongCame(): void {
    this.#answered = true;
  }

  /** What is due at `now`; ask again `in` ms later. */
  due(now: number): { readonly act: "ping" | "give-up" | "wait"; readonly in: number } {
    const interval = this.#interval;
    const quiet = this.#quietSince === undefined ? 0 : now - this.#quietSince;
    if (this.#answered && quiet >= 3 * interval) return { act: "give-up", in: 0 };
    const first = !this.#everPinged && now - this.#openedAt >= interval;
    if (first || (quiet >= interval && !this.#pinged)) {
      this.#pinged = true;
      this.#everPinged = true;
      return { act: "ping", in: interval };
    }
    const next = this.#pinged ? 3 * interval - quiet : interval - quiet;
    return { act: "wait", in: Math.max(next, interval / 10) };
  }
}
