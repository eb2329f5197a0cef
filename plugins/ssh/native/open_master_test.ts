import assert from "node:assert/strict";
import type { PluginContext, StartedProgram } from "../../../core/mod.ts";
import { createPlatform } from "../../../core/platform.ts";
import { createManualClock } from "../../../core/testing/manual_clock.ts";
import type { ClientSetup } from "./client_setup.ts";
import type { NativeConnection } from "./native_connection.ts";
import { openMaster } from "./open_master.ts";

/** Says `words`, and goes on until it is closed. */
function program(words: string): StartedProgram {
  const { promise, resolve } = Promise.withResolvers<number>();
  const said = new TextEncoder().encode(words);
  let left = said.length;
  return {
    read(into) {
      if (left === 0) return promise.then(() => null);
      into.set(said);
      left = 0;
      return Promise.resolve(said.length);
    },
    stderr: { read: () => promise.then(() => null) },
    write: (bytes) => Promise.resolve(bytes.length),
    closeWrite: () => Promise.resolve(),
    close: () => resolve(143),
    ended: promise,
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

Deno.test("openMaster: one that stands still is not alive, after some seconds", async () => {
  const clock = createManualClock();
  const programs = [program("ready\n"), program("")];
  const ctx = {
    clock,
    platform: createPlatform("linux", () => undefined),
    start: () => programs.shift(),
  } as unknown as PluginContext;
  const connection: Partial<NativeConnection> = { program: "ssh", words: [], directory: "/d", ctx };
  const setup: Partial<ClientSetup> = { words: [], login: ["vm"], env: {} };
  const master = await openMaster(
    connection as NativeConnection,
    setup as ClientSetup,
    new AbortController().signal,
  );
  const alive = master?.isAlive();
  await clock.advance(5_000);
  assert.equal(await alive, false);
  assert.equal(clock.pending, 0, "no timer is left");
});
