import assert from "node:assert/strict";
import { createPlatform } from "./platform.ts";
import { createTerminal, type TerminalDoors, type TerminalSize } from "./terminal.ts";
import { createManualClock } from "./testing/manual_clock.ts";

/** A terminal of that system, and what is done to it. */
function terminalOf(os: string, doors: Partial<TerminalDoors> = {}) {
  const done: string[] = [];
  const handlers = new Map<string, () => void>();
  const clock = createManualClock();
  const state = { size: { columns: 100, rows: 40 } };
  const terminal = createTerminal(createPlatform(os, () => undefined), clock, {
    isTerminal: () => true,
    setRaw: (on) => void done.push(`raw ${on}`),
    size: () => state.size,
    listen(signal, handler) {
      handlers.set(signal, handler);
      return () => void handlers.delete(signal);
    },
    run: (program, args) => {
      done.push([program, ...args].join(" "));
      return "erase = ^H; -icrnl echo";
    },
    ...doors,
  });
  return { terminal, done, handlers, clock, state };
}

Deno.test("raw: what is typed and what is shown, and back", () => {
  const table: Record<string, readonly string[]> = {
    windows: ["raw true"],
    darwin: ["raw true", "stty -opost"],
    linux: ["raw true", "stty -opost"],
  };
  for (const [os, expected] of Object.entries(table)) {
    const { terminal, done } = terminalOf(os);
    {
      using _raw = terminal.raw();
      assert.deepEqual(done, expected);
    }
    assert.deepEqual(done, [...expected, "raw false"]);
  }
});

Deno.test("raw: without stty it goes on, and a terminal that is gone is no failure", () => {
  const done: boolean[] = [];
  const { terminal } = terminalOf("linux", {
    run: () => {
      throw new Deno.errors.NotFound("stty");
    },
    setRaw(on) {
      done.push(on);
      if (!on) throw new Error("os error 5");
    },
  });
  terminal.raw()[Symbol.dispose]();
  assert.deepEqual(done, [true, false]);
});

Deno.test("modes: what stty says; nothing where there is none", () => {
  const modes = { VERASE: 8, ICRNL: 0, ECHO: 1 };
  assert.deepEqual(terminalOf("linux").terminal.modes(), modes);
  assert.deepEqual(terminalOf("windows").terminal.modes(), {});
});

Deno.test("size: what is not told is 80 by 24", () => {
  const unknown: TerminalDoors["size"][] = [
    () => ({ columns: 0, rows: 0 }),
    () => {
      throw new Error("no terminal");
    },
  ];
  for (const size of unknown) {
    assert.deepEqual(terminalOf("linux", { size }).terminal.size(), { columns: 80, rows: 24 });
  }
});

for (const os of ["linux", "darwin", "windows"]) {
  Deno.test(`onResize: each new size once, and nothing after the end (${os})`, async () => {
    const { terminal, handlers, clock, state } = terminalOf(os);
    const seen: TerminalSize[] = [];
    const look = async () => {
      if (os === "windows") await clock.advance(500);
      else handlers.get("SIGWINCH")?.();
    };
    const listening = terminal.onResize((size) => void seen.push(size));
    await look();
    state.size = { columns: 120, rows: 50 };
    await look();
    await look();
    state.size = { columns: 90, rows: 50 };
    await look();
    listening[Symbol.dispose]();
    state.size = { columns: 10, rows: 5 };
    await look();
    assert.deepEqual(seen, [{ columns: 120, rows: 50 }, { columns: 90, rows: 50 }]);
    assert.deepEqual([handlers.size, clock.pending], [0, 0]);
  });
}
