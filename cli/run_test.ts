import assert from "node:assert/strict";
import { resolve } from "node:path";
import type { App, AppOptions } from "../core/app.ts";
import { bastionError } from "../core/errors.ts";
import { noPrompt } from "../core/no_prompt.ts";
import type { Command, CommandHandler, Plugin, PluginContext } from "../core/plugin/plugin.ts";
import { createRegistry } from "../core/plugin/registry.ts";
import { createManualClock } from "../core/testing/manual_clock.ts";
import { appSettings } from "./app_settings.ts";
import { createConfiguration } from "./configuration.ts";
import * as help from "./help.ts";
import { createProgram } from "./program.ts";
import { type Host, run } from "./run.ts";

const cwd = resolve("/home/user");

/** A host whose one plugin has the command `work` with this handler. */
function start(
  args: readonly string[],
  handler: CommandHandler,
  more: { env?: Record<string, string>; stop?: () => Promise<void>; load?: Host["load"] } = {},
) {
  const clock = createManualClock();
  const written = { stdout: "", stderr: "" };
  const signals = new Map<string, () => void>();
  const happened: string[] = [];
  const settings: unknown[] = [];
  let defect: ((error: unknown, fatal: boolean) => void) | undefined;
  let gone: (() => void) | undefined;
  const command: Command = {
    path: "work",
    summary: "Work",
    options: [{ name: "once", type: "boolean", summary: "Once" }],
    rest: { placeholder: "CMD", summary: "Run it" },
    examples: [],
    handler: () => Promise.resolve({ run: handler }),
  };
  const plugin: Plugin = { name: "p", version: "1.0.0", apiVersion: 1, commands: [command] };
  const startApp = (options: AppOptions): Promise<App> =>
    Promise.resolve({
      registry: createRegistry([plugin]),
      configure: (given) => settings.push(given),
      context: (name) =>
        ({ signal: options.signal, cwd: options.cwd, name }) as unknown as PluginContext,
      stop: async () => {
        happened.push("stop");
        await more.stop?.();
      },
    });
  const host: Host = {
    args,
    env: (name) => more.env?.[name],
    os: "linux",
    arch: "x86_64",
    denoVersion: "2.9.6",
    cwd,
    selfCommand: ["bastion"],
    clock,
    stdout: (onGone) => {
      gone = onGone;
      return {
        isTerminal: false,
        write: (text) => void (written.stdout += text),
        flush: () => Promise.resolve(),
      };
    },
    stderr: {
      isTerminal: false,
      write: (text) => void (written.stderr += text),
      flush: () => Promise.resolve(),
    },
    stdinIsTerminal: false,
    ask: () => noPrompt,
    columns: () => 80,
    listen: (signal, handler) => {
      signals.set(signal, handler);
      return () => void signals.delete(signal);
    },
    onDefect: (handler) => defect = handler,
    leave: (code) => happened.push(`leave ${code}`),
    load: more.load ?? (() =>
      Promise.resolve({
        startApp,
        factories: [],
        createProgram,
        createConfiguration,
        appSettings,
        help,
      })),
  };
  return {
    code: run(host),
    clock,
    written,
    happened,
    settings,
    send: (signal: string) => signals.get(signal)?.(),
    listening: () => signals.size,
    defect: (error: unknown, fatal: boolean) => defect?.(error, fatal),
    readerLeaves: () => gone?.(),
  };
}

/** Rejects, or resolves, when the signal comes. */
function untilSignal(outcome: "reject" | "resolve", begun: () => void): CommandHandler {
  return (_invocation, ctx) =>
    new Promise((resolve, reject) => {
      ctx.signal.addEventListener("abort", () => {
        if (outcome === "resolve") resolve();
        else reject(bastionError("connect-refused", { host: "h", via: "" }, ctx.signal.reason));
      });
      begun();
    });
}

Deno.test("the handler's answer is the exit code", async () => {
  const answers = [[undefined, 0], [0, 0], [42, 42], ["network", 8]] as const;
  for (const [answer, code] of answers) {
    const { code: ended, happened } = start(["work"], () => Promise.resolve(answer));
    assert.equal(await ended, code);
    assert.deepEqual(happened, ["stop"]);
  }
});

Deno.test("a handler gets the call, the plugin's context and the streams", async () => {
  const { code, written, settings, listening } = start(
    ["--ca-file", "ca.pem", "work", "--once", "--", "x"],
    ({ options, rest }, ctx) => {
      ctx.out.line(JSON.stringify({ ...ctx, options, rest }));
      return Promise.resolve();
    },
    { env: { BASTION_QUIET: "1" } },
  );
  assert.equal(await code, 0);
  const { options, rest, name, cwd: given } = JSON.parse(written.stdout);
  assert.equal(given, cwd);
  assert.deepEqual(options, { "once": true, "ca-file": resolve(cwd, "ca.pem"), "quiet": true });
  assert.deepEqual(rest, ["x"]);
  assert.equal(name, "p");
  assert.deepEqual(settings, [{
    caFile: resolve(cwd, "ca.pem"),
    memoryOnly: false,
    leaveAzCache: false,
    refresh: false,
    aliases: new Map(),
    clouds: [],
    plugins: new Map(),
  }]);
  assert.equal(listening(), 0);
});

Deno.test("a failure is said, has its code, and the program ends in good order", async () => {
  const fails: CommandHandler = () => {
    throw bastionError("connect-refused", { host: "h", via: "" });
  };
  const text = start(["work"], fails);
  assert.equal(await text.code, 8);
  assert.match(text.written.stderr, /^bastion: h refused the connection\.\n/);
  assert.deepEqual(text.happened, ["stop"]);

  const json = start(["work", "--json"], fails);
  assert.equal(await json.code, 8);
  assert.equal(json.written.stderr, "");
  const { event, code, exitCode } = JSON.parse(json.written.stdout);
  assert.deepEqual([event, code, exitCode], ["error", "connect-refused", 8]);
});

Deno.test("what nobody foresaw is exit code 1, with its stack only for --debug", async () => {
  const fails: CommandHandler = () => Promise.reject(new TypeError("x is no function"));
  const short = start(["work"], fails);
  assert.equal(await short.code, 1);
  assert.match(short.written.stderr, /x is no function\n.*defect/);
  assert.ok(!short.written.stderr.includes("run_test.ts"));
  const long = start(["work", "--debug"], fails);
  assert.equal(await long.code, 1);
  assert.match(long.written.stderr, /run_test\.ts/);
});

Deno.test("a wrong command line is exit code 2, in JSON where that was asked for", async () => {
  const text = start(["wrok"], () => Promise.resolve());
  assert.equal(await text.code, 2);
  assert.match(text.written.stderr, /no command wrok.*\n.*bastion work\?/);
  const json = start(["work", "--bogus", "--json"], () => Promise.resolve());
  assert.equal(await json.code, 2);
  assert.equal(JSON.parse(json.written.stdout).code, "usage");
});

Deno.test("the program that cannot start says why", async () => {
  const { code, written } = start(["work"], () => Promise.resolve(), {
    load: () => Promise.reject(bastionError("plugin-invalid", { plugin: "p", problem: "bad" })),
  });
  assert.equal(await code, 13);
  assert.match(written.stderr, /Plugin p cannot be used: bad\./);
});

for (const [signal, code] of [["SIGINT", 130], ["SIGTERM", 143], ["SIGHUP", 129]] as const) {
  Deno.test(`${signal}: a handler that ends well decides the code, one that fails ends by it`, async () => {
    for (const outcome of ["resolve", "reject"] as const) {
      const begun = Promise.withResolvers<void>();
      const { code: ended, send, written, happened } = start(
        ["work"],
        untilSignal(outcome, begun.resolve),
      );
      await begun.promise;
      send(signal);
      assert.equal(await ended, outcome === "resolve" ? 0 : code);
      assert.equal(written.stderr, "");
      assert.deepEqual(happened, ["stop"]);
    }
  });
}

Deno.test("a second signal leaves at once", async () => {
  const begun = Promise.withResolvers<void>();
  const released = Promise.withResolvers<void>();
  const { code, send, happened, clock } = start(["work"], async () => {
    begun.resolve();
    await released.promise;
  });
  await begun.promise;
  send("SIGINT");
  assert.deepEqual(happened, []);
  await clock.advance(1_000);
  send("SIGTERM");
  assert.deepEqual(happened, ["leave 143"]);
  released.resolve();
  await code;
});

Deno.test("a signal that comes before the handler keeps it from running", async () => {
  let ran = false;
  const { code, send } = start(["work"], () => {
    ran = true;
    return Promise.resolve();
  });
  send("SIGINT");
  assert.equal(await code, 130);
  assert.equal(ran, false);
});

Deno.test("when whoever reads has gone, the program ends quietly", async () => {
  const begun = Promise.withResolvers<void>();
  const { code, readerLeaves, written } = start(["work"], untilSignal("reject", begun.resolve));
  await begun.promise;
  readerLeaves();
  assert.equal(await code, 141);
  assert.equal(written.stderr, "");
});

Deno.test("an end that hangs is given up, one that fails is said", async () => {
  const hanging = start(["work"], () => Promise.resolve(), { stop: () => new Promise(() => {}) });
  await hanging.clock.advance(15_000);
  assert.equal(await hanging.code, 0);
  assert.match(hanging.written.stderr, /warning \[cli\].*did not end in time/);
  const failing = start(["work"], () => Promise.resolve(), {
    stop: () => Promise.reject(new Error("boom")),
  });
  assert.equal(await failing.code, 0);
  assert.match(failing.written.stderr, /error \[cli\].*boom/);
});

Deno.test("a defect that nobody caught is said; the command goes on, but the code tells", async () => {
  const begun = Promise.withResolvers<void>();
  const released = Promise.withResolvers<void>();
  const { code, defect, written } = start(["work"], async () => {
    begun.resolve();
    await released.promise;
  });
  await begun.promise;
  defect(new Error("stray"), false);
  released.resolve();
  assert.equal(await code, 1);
  assert.match(written.stderr, /error \[cli\] a defect problem="stray"/);
});

Deno.test("a defect that may leave something waiting for ever ends the command", async () => {
  const begun = Promise.withResolvers<void>();
  const { code, defect, written } = start(["work"], untilSignal("reject", begun.resolve));
  await begun.promise;
  defect(new Error("stray"), true);
  assert.equal(await code, 1);
  assert.match(written.stderr, /bastion: .*stray/);
});

Deno.test("the log names a command of the user's, and not what is handed to it", async () => {
  const { code, written } = start(
    ["work", "--debug", "--token-command", "get-token --key hunter2-hunter2"],
    () => Promise.resolve(),
  );
  assert.equal(await code, 0);
  assert.match(written.stderr, /\[cli\] call .*"token-command":"get-token"/);
  assert.ok(!written.stderr.includes("hunter2"), written.stderr);
});

Deno.test("version and help, for people and as JSON", async () => {
  const none: CommandHandler = () => assert.fail("the handler ran");
  const refuse = () => Promise.reject(new Error("loaded"));
  const version = start(["work", "--version"], none, { load: refuse });
  assert.equal(await version.code, 0);
  assert.match(version.written.stdout, /^bastion \d+\.\d+\.\d+\n$/);
  const json = start(["--version", "--json"], none, { load: refuse });
  assert.equal(await json.code, 0);
  assert.deepEqual(Object.keys(JSON.parse(json.written.stdout)), ["version", "deno", "os", "arch"]);

  const page = start(["work", "--help"], none);
  assert.equal(await page.code, 0);
  assert.match(page.written.stdout, /^Usage: bastion work /);
  const table = start(["--help", "--json"], none);
  assert.equal(await table.code, 0);
  assert.equal(JSON.parse(table.written.stdout).commands[0].name, "work");
});
