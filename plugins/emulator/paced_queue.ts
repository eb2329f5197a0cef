/** Bytes that go out by the clock, in order: for latency, and for slow writers and readers. */

/** Each byte so much later; or so many bytes in each `ms`. */
export type Pace =
  | { readonly kind: "latency"; readonly ms: number }
  | { readonly kind: "slow"; readonly bytes: number; readonly ms: number };

export interface PacedQueueOptions {
  readonly pace: Pace;
  readonly send: (chunk: Uint8Array) => void;
  /** Enough waits: where it comes from should pause. */
  readonly hold: () => void;
  readonly release: () => void;
}

export interface PacedQueue {
  push(chunk: Uint8Array): void;
  /** Calls back when nothing waits: at once, or later. */
  whenEmpty(then: () => void): void;
  /** Sends at once all that waits. */
  flush(): void;
}

/** Of bytes that are only late, so many may be on their way. */
const LATE_BYTES = 1024 * 1024;

export function createPacedQueue(options: PacedQueueOptions): PacedQueue {
  const { pace, send, hold, release } = options;
  const limit = pace.kind === "slow" ? 0 : LATE_BYTES;
  const waiting: { readonly bytes: Uint8Array; readonly due: number }[] = [];
  let size = 0;
  let lastDue = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let onEmpty: (() => void)[] = [];

  function dueTime(length: number): number {
    const now = performance.now();
    if (pace.kind === "latency") return now + pace.ms;
    lastDue = Math.max(now, lastDue) + pace.ms * length / pace.bytes;
    return lastDue;
  }

  function sendUntil(time: number): void {
    clearTimeout(timer);
    timer = undefined;
    for (let next = waiting[0]; next && next.due <= time; next = waiting[0]) {
      waiting.shift();
      size -= next.bytes.length;
      send(next.bytes);
    }
    if (size <= limit) release();
    if (waiting.length > 0) return arm();
    const callbacks = onEmpty;
    onEmpty = [];
    for (const then of callbacks) then();
  }

  function arm(): void {
    const [next] = waiting;
    if (timer !== undefined || !next) return;
    timer = setTimeout(
      () => sendUntil(performance.now()),
      Math.max(0, next.due - performance.now()),
    );
  }

  return {
    push(chunk) {
      const step = pace.kind === "slow" ? pace.bytes : chunk.length;
      for (let at = 0; at < chunk.length; at += step) {
        const bytes = chunk.subarray(at, at + step);
        waiting.push({ bytes, due: dueTime(bytes.length) });
      }
      size += chunk.length;
      if (size > limit) hold();
      arm();
    },
    whenEmpty(then) {
      if (waiting.length === 0) then();
      else onEmpty.push(then);
    },
    flush: () => sendUntil(Number.POSITIVE_INFINITY),
  };
}
