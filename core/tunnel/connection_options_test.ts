import assert from "node:assert/strict";
import { connectionOptions, readConnectionSettings } from "./connection_options.ts";

Deno.test("connectionOptions: for commands that connect, with the grace that is theirs", () => {
  assert.deepEqual(connectionOptions({}), []);
  const graces = [{}, { halfCloseGrace: 1_000 }].map((connects) => {
    const grace = connectionOptions({ connects }).find(({ name }) => name === "half-close-grace");
    return grace?.type === "duration" ? grace.default : undefined;
  });
  assert.deepEqual(graces, [10_000, 1_000]);
});

Deno.test("readConnectionSettings: every option, and none that is absent", () => {
  assert.deepEqual(readConnectionSettings({}), {});
  const options = {
    "frame-size": 8192,
    "ping-interval": 0,
    "half-close-grace": 5,
    "transport": "ws",
  };
  assert.deepEqual(
    Object.keys(options),
    connectionOptions({ connects: {} }).map(({ name }) => name),
  );
  assert.deepEqual(readConnectionSettings(options), {
    frameSize: 8192,
    pingInterval: 0,
    halfCloseGrace: 5,
    transport: "ws",
  });
});
