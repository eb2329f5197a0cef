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
  /** When the last ping went out. */
  #pingedAt: number | undefined;

  constructor(interval: number, now: number) {
    this.#interval = interval;
    this.#openedAt = now;
  }

  /**
   * What is due at `now`; ask again `in` ms later.
   * @param quietSince since when a read has been outstanding without a byte; undefined while none is
   * @param answered whether any ping of this session has been answered
   */
  due(
    now: number,
    quietSince: number | undefined,
    answered: boolean,
  ): { readonly act: "ping" | "give-up" | "wait"; readonly in: number } {
    const interval = this.#interval;
    const quiet = quietSince === undefined ? 0 : now - quietSince;
    if (answered && quiet >= 3 * interval) return { act: "give-up", in: 0 };
    const first = this.#pingedAt === undefined && now - this.#openedAt >= interval;
    const pinged = this.#pingedAt !== undefined && quietSince !== undefined &&
      this.#pingedAt >= quietSince;
    if (first || (quiet >= interval && !pinged)) {
      this.#pingedAt = now;
      return { act: "ping", in: interval };
    }
    const next = pinged ? 3 * interval - quiet : interval - quiet;
    return { act: "wait", in: Math.max(next, interval / 10) };
  }
}
