import assert from "node:assert/strict";
import { join } from "node:path";
import { createLogger } from "../core/logger.ts";
import { Secret } from "../core/secret.ts";
import { createLogSink, logLevelOf } from "./log_sink.ts";

function start(level: "error" | "warning" | "info" | "debug", file?: string) {
  const written = { text: "" };
  const stderr = { isTerminal: false, write: (text: string) => void (written.text += text) };
  return { written, log: createLogSink({ stderr, level, file }) };
}

Deno.test("the options choose the level", () => {
  const none = { quiet: false, verbose: false, debug: false };
  assert.equal(logLevelOf(none), "warning");
  assert.equal(logLevelOf({ ...none, quiet: true }), "error");
  assert.equal(logLevelOf({ ...none, verbose: true }), "info");
  assert.equal(logLevelOf({ ...none, quiet: true, debug: true }), "debug");
});

Deno.test("stderr gets what is urgent enough, a line a record", () => {
  const { written, log } = start("warning");
  const logger = createLogger("net", log.sink);
  logger.debug("dial", { host: "h" });
  logger.info("proxy");
  logger.warning("slow\nline\x1b", { ms: 12, host: "h", left: undefined });
  logger.error("broken");
  assert.equal(
    written.text,
    'warning [net] slow line\\u001b ms=12 host="h"\nerror [net] broken\n',
  );
});

Deno.test("the file gets everything, as JSON lines without secrets, for its owner alone", async () => {
  const directory = await Deno.makeTempDir();
  const file = join(directory, "log");
  using secret = new Secret("planted-secret");
  try {
    for (const message of ["first", "second planted-secret"]) {
      const { written, log } = start("error", file);
      createLogger("net", log.sink, () => new Date(0)).debug(message, {
        secret,
        url: "https://h/?t=planted-secret",
        error: new Error("planted-secret"),
        bytes: new Uint8Array(3),
      });
      log[Symbol.dispose]();
      assert.equal(written.text, "");
    }
    const text = await Deno.readTextFile(file);
    assert.ok(!text.includes("planted"), text);
    const lines = text.trimEnd().split("\n").map((line) => JSON.parse(line));
    assert.deepEqual(lines.map(({ message }) => message), ["first", "second [redacted]"]);
    assert.deepEqual(lines[0], {
      time: "1970-01-01T00:00:00.000Z",
      level: "debug",
      scope: "net",
      message: "first",
      fields: {
        secret: "[redacted]",
        url: "https://h/?t=[redacted]",
        error: "[redacted]",
        bytes: "3 bytes",
      },
    });
    if (Deno.build.os !== "windows") {
      assert.equal((await Deno.stat(file)).mode ?? 0, 0o100600);
    }
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
});

Deno.test("a log file that cannot be opened is an error that names it", () => {
  assert.throws(() => start("error", join("no", "such", "directory", "log")), /directory.log/);
});
