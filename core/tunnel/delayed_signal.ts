import type { Clock } from "../clock.ts";

/** An abort that comes later than the one that it follows; to be disposed of when done with. */
export interface DelayedSignal extends Disposable {
  readonly signal: AbortSignal;
}

/** Aborts `ms` after `signal` has, and with its reason. */
export function delayedSignal(signal: AbortSignal, ms: number, clock: Clock): DelayedSignal {
  const late = new AbortController();
  let cancel: (() => void) | undefined;
  const start = () => {
    cancel = clock.after(ms, () => late.abort(signal.reason));
  };
  if (signal.aborted) start();
  else signal.addEventListener("abort", start, { once: true });
  return {
    signal: late.signal,
    [Symbol.dispose]() {
      signal.removeEventListener("abort", start);
      cancel?.();
    },
  };
}
