import assert from "node:assert/strict";
import { resolve } from "node:path";
import { previewSettings } from "./preview_settings.ts";

const cwd = resolve("/home/user");
const none = {
  json: false,
  quiet: false,
  verbose: false,
  debug: false,
  version: false,
  noInput: false,
  color: false,
};

const cases: readonly [string, Record<string, string>, object][] = [
  ["tunnel --port 1", {}, {}],
  ["tunnel --json -q", {}, { json: true, quiet: true }],
  ["--deb --verb tunnel", {}, { debug: true, verbose: true }],
  ["-qv", {}, { quiet: true, verbose: true }],
  ["-nvq", {}, {}],
  ["--json=no --quiet=", {}, {}],
  ["--log-file f --config=/c", {}, { logFile: resolve(cwd, "f"), config: resolve("/c") }],
  ["--profile p --no-input", { BASTION_PROFILE: "q" }, { profile: "p", noInput: true }],
  ["--log-file", {}, {}],
  ["--version", {}, { version: true }],
  ["", { BASTION_JSON: "1", BASTION_DEBUG: "0", BASTION_VERSION: "1" }, { json: true }],
  ["", { BASTION_JSON: "maybe" }, {}],
  ["--log-file a", { BASTION_LOG_FILE: "b" }, { logFile: resolve(cwd, "a") }],
];
for (const [line, env, expected] of cases) {
  Deno.test(`settings of "${line}" with ${JSON.stringify(env)}`, () => {
    const settings = previewSettings(line.split(" ").filter(Boolean), {
      env: (name) => env[name],
      cwd,
      isTerminal: false,
    });
    assert.deepEqual(settings, { ...none, ...expected });
  });
}

Deno.test("the config file comes last", () => {
  const quiet = (words: string[], env: Record<string, string>) =>
    previewSettings(words, {
      env: (name) => env[name],
      cwd,
      isTerminal: false,
      configured: ({ name }) => name === "quiet" ? true : undefined,
    }).quiet;
  assert.equal(quiet([], {}), true);
  assert.equal(quiet([], { BASTION_QUIET: "0" }), false);
  assert.equal(quiet([], { BASTION_QUIET: "maybe" }), true);
});

Deno.test("colors are for terminals, and for those who did not decline them", () => {
  const color = (words: string[], env: Record<string, string>, isTerminal = true) =>
    previewSettings(words, { env: (name) => env[name], cwd, isTerminal }).color;
  assert.equal(color([], {}), true);
  assert.equal(color([], {}, false), false);
  assert.equal(color(["--no-color"], {}), false);
  assert.equal(color([], { NO_COLOR: "1" }), false);
  assert.equal(color([], { NO_COLOR: "" }), true);
  assert.equal(color([], { BASTION_NO_COLOR: "true" }), false);
});
