import assert from "node:assert/strict";
import type { ByteSource, SshChannel, SshExit, TerminalSize } from "../../../core/mod.ts";
import { createStdioStream } from "../../../core/stdio_stream.ts";
import { eventually } from "../../../tests/helpers/eventually.ts";
import { runSession } from "./run_session.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const text = (parts: readonly Uint8Array[]) => new TextDecoder().decode(bytesOf(parts));
const bytesOf = (parts: readonly Uint8Array[]) => Uint8Array.from(parts.flatMap((p) => [...p]));

/** What is put is read; nothing for the end. */
function source() {
  const waiting: (Uint8Array | null)[] = [];
  let wake = () => {};
  const put = (piece: Uint8Array | string | null) => {
    waiting.push(typeof piece === "string" ? bytes(piece) : piece);
    wake();
  };
  const read: ByteSource["read"] = async (into) => {
    if (waiting.length === 0) await new Promise<void>((resolve) => wake = resolve);
    const next = waiting.shift() ?? null;
    if (next) into.set(next);
    return next && next.length;
  };
  return { put, read };
}

/** A session with a far side that the test plays, on a terminal or without one. */
function session({ onTerminal = false, defect, write }: {
  readonly onTerminal?: boolean;
  /** Thrown where it should not be. */
  readonly defect?: Error;
  readonly write?: (bytes: Uint8Array) => Promise<number>;
} = {}) {
  const [typed, far, farErr] = [source(), source(), source()];
  const seen = { sent: [] as Uint8Array[], out: [] as Uint8Array[], err: [] as Uint8Array[] };
  const done: string[] = [];
  const sizes: TerminalSize[] = [];
  const ended = Promise.withResolvers<SshExit>();
  const controller = new AbortController();
  const take = (into: Uint8Array[]) => (piece: Uint8Array) => {
    into.push(piece.slice());
    return Promise.resolve(piece.length);
  };
  const channel: SshChannel = {
    read: far.read,
    stderr: farErr,
    ended: ended.promise,
    write: take(seen.sent),
    closeWrite() {
      done.push("eof");
      return Promise.resolve();
    },
    close: () => void done.push("close"),
  };
  const listeners: ((size: TerminalSize) => void)[] = [];
  const running = runSession(channel, {
    stdio: createStdioStream({
      stdin: typed,
      stdout: { write: write ?? take(seen.out) },
      clock: { sleep: () => Promise.resolve() },
    }),
    stderr: { write: take(seen.err) },
    signal: controller.signal,
    ...(onTerminal
      ? {
        terminal: {
          resize: (size) => void sizes.push(size),
          terminal: {
            raw() {
              done.push("raw");
              return { [Symbol.dispose]: () => void done.push("as it was") };
            },
            onResize(listener) {
              if (defect) throw defect;
              listeners.push(listener);
              return { [Symbol.dispose]: () => void listeners.pop() };
            },
          },
        },
      }
      : {}),
  });
  const farEnds = (exit: SshExit) => {
    far.put(null);
    farErr.put(null);
    ended.resolve(exit);
  };
  return { typed, far, farErr, seen, done, sizes, listeners, ended, controller, running, farEnds };
}

Deno.test("session: both outputs apart, stdin's end is passed on, the exit code comes last", async () => {
  const { typed, far, farErr, seen, done, running, farEnds } = session();
  const all = Uint8Array.from({ length: 256 }, (_, i) => i);
  typed.put(all);
  typed.put("~.\n");
  typed.put(null);
  far.put(all);
  farErr.put("complaint");
  await eventually("stdin's end", () => done.includes("eof"));
  far.put("more after it");
  farEnds({ code: 7 });
  assert.deepEqual(await running, { code: 7 });
  assert.deepEqual(bytesOf(seen.sent), Uint8Array.from([...all, ...bytes("~.\n")]));
  assert.deepEqual(bytesOf(seen.out), Uint8Array.from([...all, ...bytes("more after it")]));
  assert.equal(text(seen.err), "complaint");
  assert.deepEqual(done, ["eof", "close"]);
});

Deno.test("session: no more is read from the far side than stdout takes", async () => {
  const gate = Promise.withResolvers<number>();
  let written = 0;
  const { far, running, farEnds } = session({
    write(piece) {
      written++;
      return written === 1 ? gate.promise : Promise.resolve(piece.length);
    },
  });
  far.put("abc");
  far.put("def");
  farEnds({ code: 0 });
  await eventually("the first write", () => written === 1);
  gate.resolve(1);
  await running;
  assert.equal(written, 3, "the rest of the first piece, then the second");
});

Deno.test("session: on a terminal, raw until the end; sizes and escapes", async () => {
  const { typed, seen, done, sizes, listeners, running } = session({ onTerminal: true });
  typed.put("ls\r~");
  typed.put("?~~\r~.never");
  assert.equal(await running, "escape");
  listeners[0]?.({ columns: 1, rows: 1 });
  assert.equal(text(seen.sent), "ls\r~\r");
  assert.match(text(seen.err), /~\?\r\n.*end the session\r\n.*~\.\r\n$/s);
  assert.deepEqual(done, ["raw", "as it was", "close"]);
  assert.deepEqual([sizes, listeners], [[], []]);
});

Deno.test("session: a new size is told", async () => {
  const { listeners, sizes, running, farEnds } = session({ onTerminal: true });
  listeners[0]?.({ columns: 99, rows: 33 });
  farEnds({ code: 0 });
  await running;
  assert.deepEqual(sizes, [{ columns: 99, rows: 33 }]);
});

Deno.test("session: the terminal is as it was after every way of ending", async () => {
  const lost = new Error("lost");
  const ways: Record<string, (one: ReturnType<typeof session>) => void> = {
    "the far side's end": ({ farEnds }) => farEnds({ code: 0 }),
    "a lost way": ({ ended, far }) => {
      ended.reject(lost);
      far.put(null);
    },
    "the program's end": ({ controller }) => controller.abort(lost),
    "an exception": () => {},
  };
  for (const [way, end] of Object.entries(ways)) {
    const one = session({
      onTerminal: true,
      ...(way === "an exception" ? { defect: lost } : {}),
    });
    end(one);
    one.farErr.put(null);
    const problem = await one.running.then(() => undefined, (error) => error);
    assert.equal(problem, way === "the far side's end" ? undefined : lost, way);
    assert.deepEqual(one.done.filter((what) => what !== "eof"), ["raw", "as it was", "close"], way);
  }
});

Deno.test("session: when nobody reads stdout any more, the channel is closed", async () => {
  const { far, done, running } = session({
    write: () => Promise.reject(new Deno.errors.BrokenPipe("gone")),
  });
  far.put("abc");
  assert.equal(await running, "nobody-reads");
  assert.equal(done.at(-1), "close");
});
