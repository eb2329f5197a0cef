/** Waits for something to become true, by asking again and again, up to a bound. */

export interface EventuallyOptions {
  /** Milliseconds; 10,000 where it is left out. A bound against hanging, not an expectation. */
  readonly within?: number;
  /** Milliseconds between two looks; 20 where it is left out. */
  readonly every?: number;
}

/**
 * The first value of `probe` that is neither undefined, null nor false. A probe that throws is
 * asked again as well, so that assertions may stand in it.
 * @throws Error that names `what`, with the last error as its cause
 */
export async function eventually<T>(
  what: string,
  probe: () => T | Promise<T>,
  { within = 10_000, every = 20 }: EventuallyOptions = {},
): Promise<Exclude<T, undefined | null | false | void>> {
  const end = performance.now() + within;
  let cause: unknown;
  for (;;) {
    try {
      const value = await probe();
      if (value !== undefined && value !== null && value !== false) {
        return value as Exclude<T, undefined | null | false | void>;
      }
      cause = undefined;
    } catch (error) {
      cause = error;
    }
    if (performance.now() >= end) {
      throw new Error(`not within ${within} ms: ${what}`, cause === undefined ? {} : { cause });
    }
    await new Promise((resolve) => setTimeout(resolve, every));
  }
}
