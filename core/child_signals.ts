import type { Clock } from "./clock.ts";

/** What a child process is sent. */
export interface ChildSignals {
  /** Nothing where it has ended. */
  send(signal: Deno.Signal): void;
  /** Asks it to end; where it has not within 5 s of the first call, SIGKILL ends it. */
  end(signal: Deno.Signal): void;
  /** It has ended: no SIGKILL is due any more. */
  ended(): void;
}

const KILL_AFTER = 5_000;

export function childSignals(
  child: Pick<Deno.ChildProcess, "kill">,
  clock: Pick<Clock, "after">,
): ChildSignals {
  let cancelKill: (() => void) | undefined;
  const send = (signal: Deno.Signal) => {
    try {
      child.kill(signal);
    } catch {
      // It has ended already.
    }
  };
  return {
    send,
    end(signal) {
      send(signal);
      cancelKill ??= clock.after(KILL_AFTER, () => send("SIGKILL"));
    },
    ended: () => cancelKill?.(),
  };
}
