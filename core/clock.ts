/** Time as the program sees it; tests inject their own. All durations are milliseconds. */
export interface Clock {
  /** Monotonic, for measuring. */
  now(): number;
  /** Wall time, for showing. */
  date(): Date;
  /** Runs `callback` once after `ms`; the result cancels it. */
  after(ms: number, callback: () => void): () => void;
  /** Resolves after `ms`; rejects with the signal's reason when it aborts first. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** A longer timer would fire at once (HTML's timers count in 32 bits): some 24 days. */
const LONGEST = 2 ** 31 - 1;

export const systemClock: Clock = {
  now: () => performance.now(),
  date: () => new Date(),
  after(ms, callback) {
    const timer = setTimeout(callback, Math.min(ms, LONGEST));
    return () => clearTimeout(timer);
  },
  sleep(ms, signal) {
    if (signal?.aborted) return Promise.reject(signal.reason);
    return new Promise((resolve, reject) => {
      const stop = () => {
        clearTimeout(timer);
        reject(signal?.reason);
      };
      const timer = setTimeout(() => {
        signal?.removeEventListener("abort", stop);
        resolve();
      }, Math.min(ms, LONGEST));
      signal?.addEventListener("abort", stop, { once: true });
    });
  },
};
