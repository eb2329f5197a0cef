/**
 * What Ctrl-C and its kin do: the first asks the program to end in good order, a second one ends it
 * at once. While a program of the user's is in front, they are that program's.
 *
 * A task runner between the terminal and us passes on a signal that the terminal has sent us as well:
 * under `deno task` one Ctrl-C comes twice within a millisecond. That is one; and so are the SIGTERM
 * and SIGHUP that a service manager sends together.
 */

import type { Clock } from "../core/clock.ts";
import type { Foreground } from "../core/spawn.ts";

/** Nobody asks twice in so short a time, in ms. */
const ECHO = 300;

export interface SignalsOptions {
  readonly clock: Clock;
  readonly endSignals: readonly Deno.Signal[];
  /** Listens for a signal; the result stops that. */
  readonly listen: (signal: Deno.Signal, handler: () => void) => () => void;
  /** The program is to end; called once. */
  readonly end: (signal: Deno.Signal) => void;
  /** The user will not wait. */
  readonly leave: (signal: Deno.Signal) => void;
}

export interface Signals extends Disposable {
  readonly foreground: Foreground;
}

export function handleSignals(
  { clock, endSignals, listen, end, leave }: SignalsOptions,
): Signals {
  /** The program in front is the last that took its place there. */
  const receivers: ((signal: Deno.Signal) => void)[] = [];
  let ending = false;
  let lastAt = Number.NEGATIVE_INFINITY;

  function receive(signal: Deno.Signal): void {
    const now = clock.now();
    const isEcho = now - lastAt < ECHO;
    lastAt = now;
    if (isEcho) return;
    const receiver = receivers.at(-1);
    if (receiver) return receiver(signal);
    if (ending) return leave(signal);
    ending = true;
    end(signal);
  }

  const unlisten = endSignals.map((signal) => listen(signal, () => receive(signal)));
  return {
    foreground: {
      take(receiver) {
        const taken = (signal: Deno.Signal) => receiver(signal);
        receivers.push(taken);
        return {
          [Symbol.dispose]() {
            const at = receivers.indexOf(taken);
            if (at >= 0) receivers.splice(at, 1);
          },
        };
      },
    },
    [Symbol.dispose]() {
      for (const stop of unlisten) stop();
    },
  };
}
