/** The user's terminal, for a session that takes it over: keys as they are typed, and its size. */

import type { Clock } from "./clock.ts";
import type { Platform } from "./platform.ts";
import { readTerminalModes, type TerminalModes } from "./terminal_modes.ts";

export type { TerminalModes };

export interface Terminal {
  /** Whether somebody types at stdin. */
  readonly present: boolean;
  /** 80 by 24 where it does not tell. */
  size(): TerminalSize;
  /** How it treats what is typed and shown; empty where that is not known. */
  modes(): TerminalModes;
  /**
   * Hands over every key as it is typed, Ctrl-C among them, and shows what is written as it stands.
   * Until it is disposed of: then the terminal is as it was.
   */
  raw(): Disposable;
  /** Tells of each new size, until it is disposed of. */
  onResize(listener: (size: TerminalSize) => void): Disposable;
}

export interface TerminalSize {
  readonly columns: number;
  readonly rows: number;
}

/** What a terminal is made of; the process's own, but in tests. */
export interface TerminalDoors {
  isTerminal(): boolean;
  setRaw(on: boolean): void;
  size(): TerminalSize;
  /** Listens for a signal; the result stops that. */
  listen(signal: Deno.Signal, handler: () => void): () => void;
  /** What a program says that is run on the terminal, to its end. */
  run(program: string, args: readonly string[]): string;
}

/** How often the size is looked at where no signal tells of a new one, in ms. */
const LOOK_EVERY = 500;

export function createTerminal(
  { resizeSignal, stty }: Pick<Platform, "resizeSignal" | "stty">,
  clock: Pick<Clock, "after">,
  doors: TerminalDoors = processDoors,
): Terminal {
  function size(): TerminalSize {
    try {
      const { columns, rows } = doors.size();
      if (columns > 0 && rows > 0) return { columns, rows };
    } catch {
      // None of the three streams is a terminal.
    }
    return { columns: 80, rows: 24 };
  }

  return {
    get present() {
      return doors.isTerminal();
    },
    size,
    modes: () => readTerminalModes(stty && attempt(() => doors.run(stty, ["-a"]))),
    raw() {
      doors.setRaw(true);
      // Deno's raw mode, which undoes this when it ends, is about what is typed alone: a line feed
      // would go to the first column as well, and full-screen programs mean it to go down.
      if (stty) attempt(() => doors.run(stty, ["-opost"]));
      // A window that was closed took the terminal along.
      return { [Symbol.dispose]: () => attempt(() => doors.setRaw(false)) };
    },
    onResize(listener) {
      let last = size();
      const look = () => {
        const { columns, rows } = size();
        if (columns === last.columns && rows === last.rows) return;
        listener(last = { columns, rows });
      };
      let stop: () => void;
      if (resizeSignal) {
        stop = doors.listen(resizeSignal, look);
      } else {
        const again = () => {
          look();
          stop = clock.after(LOOK_EVERY, again);
        };
        stop = clock.after(LOOK_EVERY, again);
      }
      return { [Symbol.dispose]: () => stop() };
    },
  };
}

const processDoors: TerminalDoors = {
  isTerminal: () => Deno.stdin.isTerminal(),
  setRaw: (on) => Deno.stdin.setRaw(on),
  size: () => Deno.consoleSize(),
  listen(signal, handler) {
    Deno.addSignalListener(signal, handler);
    return () => Deno.removeSignalListener(signal, handler);
  },
  run(program, args) {
    const { stdout } = new Deno.Command(program, {
      args: [...args],
      env: { LC_ALL: "C" },
      stdin: "inherit",
      stdout: "piped",
      stderr: "null",
    }).outputSync();
    return new TextDecoder().decode(stdout);
  },
};

/** Without it the session goes on. */
function attempt<Result>(action: () => Result): Result | undefined {
  try {
    return action();
  } catch {
    return undefined;
  }
}
