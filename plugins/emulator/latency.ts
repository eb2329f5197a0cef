/** Resolves after `ms`: true, or false (and at once) where the emulator stops meanwhile. */
export function latency(ms: number, signal: AbortSignal): Promise<boolean> {
  if (signal.aborted) return Promise.resolve(false);
  if (ms === 0) return Promise.resolve(true);
  return new Promise((resolve) => {
    const end = (done: boolean) => {
      clearTimeout(timer);
      signal.removeEventListener("abort", stop);
      resolve(done);
    };
    const stop = () => end(false);
    const timer = setTimeout(() => end(true), ms);
    signal.addEventListener("abort", stop, { once: true });
  });
}
