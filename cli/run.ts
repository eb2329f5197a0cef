/** One run of the program: from the user's words to an exit code. */

import { join } from "node:path";
import type { App, AppOptions } from "../core/app.ts";
import type { Clock } from "../core/clock.ts";
import { openConfig, type OpenedConfig } from "../core/config/open_config.ts";
import { describeError } from "../core/errors.ts";
import { createLogger, type Logger } from "../core/logger.ts";
import { createPlatform } from "../core/platform.ts";
import { noPrompt } from "../core/no_prompt.ts";
import type { Option, PluginFactory } from "../core/plugin/plugin.ts";
import { shownValue } from "../core/plugin/shown_value.ts";
import type { Prompt } from "../core/prompt.ts";
import { choicesOf } from "./choices.ts";
import { exitCodeOfKind, exitCodeOfSignal } from "./exit_codes.ts";
import type { GlobalSettings } from "./global_options.ts";
import { createLogSink, logLevelOf } from "./log_sink.ts";
import { createOutput, type ProgramOutput } from "./output.ts";
import type { Call, Program } from "./program.ts";
import { previewConfig } from "./preview_config.ts";
import { previewSettings } from "./preview_settings.ts";
import { handleSignals } from "./signals.ts";
import type { StandardStream } from "./standard_stream.ts";
import { createStyle, type Style } from "./style.ts";
import { version } from "./version.ts";
import { divideWords } from "./words.ts";

/** The process around us; `main.ts` gives the real one. */
export interface Host {
  readonly args: readonly string[];
  readonly env: (name: string) => string | undefined;
  readonly os: string;
  readonly arch: string;
  readonly denoVersion: string;
  /** The user's directory; absolute. */
  readonly cwd: string;
  readonly selfCommand: AppOptions["selfCommand"];
  readonly clock: Clock;
  /** @param onGone called when nobody reads it any more */
  readonly stdout: (onGone: () => void) => StandardStream;
  readonly stderr: StandardStream;
  /** Whether somebody can type. */
  readonly stdinIsTerminal: boolean;
  /** Asks on the terminal. @param onInterrupt called when Ctrl-C is typed in the place of an answer */
  readonly ask: (signal: AbortSignal, onInterrupt: () => void) => Prompt;
  /** Columns of the terminal. */
  readonly columns: () => number;
  readonly listen: (signal: Deno.Signal, handler: () => void) => () => void;
  /** What nobody caught; `fatal` where something may wait for ever because of it. */
  readonly onDefect: (handler: (error: unknown, fatal: boolean) => void) => void;
  /** Ends the process at once. */
  readonly leave: (code: number) => void;
  /** Everything that `--version` needs not. */
  readonly load: () => Promise<{
    readonly startApp: (options: AppOptions) => Promise<App>;
    readonly factories: readonly PluginFactory[];
    readonly createProgram: typeof import("./program.ts").createProgram;
    readonly createConfiguration: typeof import("./configuration.ts").createConfiguration;
    readonly appSettings: typeof import("./app_settings.ts").appSettings;
    readonly help: Pick<typeof import("./help.ts"), "helpPage" | "helpDocument">;
  }>;
}

/** The end of the program waits so long for plugins and sessions, in ms. */
const STOP_LIMIT = 15_000;

/** What is left to be written waits so long for its reader, in ms. */
const FLUSH_LIMIT = 5_000;

/** What ended the run before its work was done. */
interface Interruption {
  signal?: string;
  defect?: unknown;
}

/** The exit code. Nothing is thrown: what goes wrong has been said. */
export async function run(host: Host): Promise<number> {
  const streams: StandardStream[] = [host.stderr];
  try {
    return await runWith(host, streams);
  } finally {
    // A reader that does not read is not waited for.
    const late = Promise.withResolvers<void>();
    const cancel = host.clock.after(FLUSH_LIMIT, late.resolve);
    await Promise.race([Promise.all(streams.map((stream) => stream.flush())), late.promise]);
    cancel();
  }
}

/** @param words those that may hold options of ours; all before `--`, until more is known */
async function runWith(
  host: Host,
  streams: StandardStream[],
  words: readonly string[] = divideWords(host.args).words,
): Promise<number> {
  const controller = new AbortController();
  const interruption: Interruption = {};
  const end = (signal: string) => {
    interruption.signal ??= signal;
    controller.abort(signal);
  };
  const stdout = host.stdout(() => end("SIGPIPE"));
  streams.push(stdout);
  const sources = {
    env: host.env,
    cwd: host.cwd,
    isTerminal: stdout.isTerminal && host.stderr.isTerminal,
  };
  const platform = createPlatform(host.os, host.env);
  using signals = handleSignals({
    clock: host.clock,
    endSignals: platform.endSignals,
    listen: host.listen,
    end,
    leave: (signal) => host.leave(exitCodeOfSignal(signal)),
  });
  const preview = previewSettings(words, sources);
  const file = preview.config ?? join(platform.configDirectory, "config.yaml");
  const opened = preview.version
    ? { file }
    : await openConfig({ file, asked: preview.config !== undefined, profile: preview.profile });
  const configured = (option: Option) => previewConfig(opened, option, platform.home);
  const settings = previewSettings(words, { ...sources, configured });
  const style = createStyle(settings.color);
  const output = createOutput({
    ...settings,
    style,
    stdout,
    stderr: host.stderr,
    date: () => host.clock.date(),
  });
  // Behind a command and its target the word may be another program's.
  if (settings.version && words.filter((word) => !word.startsWith("-")).length < 3) {
    return printVersion(host, output);
  }
  let again: readonly string[] | undefined;
  try {
    using log = createLogSink({
      stderr: host.stderr,
      level: logLevelOf(settings),
      file: settings.logFile,
    });
    const logger = createLogger("cli", log.sink);
    host.onDefect((error, fatal) => {
      interruption.defect ??= error;
      logger.error("a defect", { problem: error, stack: stackOf(error) });
      if (fatal) controller.abort(error);
    });
    const start: AppOptions = {
      factories: [],
      platform,
      clock: host.clock,
      cwd: host.cwd,
      sink: log.sink,
      selfCommand: host.selfCommand,
      foreground: signals.foreground,
      prompt: host.stdinIsTerminal && host.stderr.isTerminal && !settings.noInput && !settings.json
        ? host.ask(controller.signal, () => end("SIGINT"))
        : noPrompt,
      signal: controller.signal,
      version,
    };
    const code = await runApp({
      host,
      settings,
      opened,
      style,
      output,
      logger,
      start,
      interruption,
      misread: (own) => {
        const misread = JSON.stringify(previewSettings(own, { ...sources, configured })) !==
          JSON.stringify(settings);
        if (misread) again = own;
        return misread;
      },
    });
    if (again === undefined) {
      return code === 0 && interruption.defect !== undefined ? exitCodeOfKind("unexpected") : code;
    }
  } catch (error) {
    return fail(error, output);
  }
  signals[Symbol.dispose]();
  return await runWith(host, streams, again);
}

interface Run {
  readonly host: Host;
  readonly settings: GlobalSettings;
  readonly opened: OpenedConfig;
  readonly style: Style;
  readonly output: ProgramOutput;
  readonly logger: Logger;
  readonly start: AppOptions;
  readonly interruption: Interruption;
  /** Whether the settings are not what `own`, the words that can be ours, say. */
  readonly misread: (own: readonly string[]) => boolean;
}

async function runApp(
  { host, settings, opened, style, output, logger, start, interruption, misread }: Run,
): Promise<number> {
  const { startApp, factories, createProgram, createConfiguration, appSettings, help } = await host
    .load();
  const app = await startApp({ ...start, factories });
  try {
    const { registry } = app;
    const { env, cwd } = host;
    const { home } = start.platform;
    const configuration = createConfiguration({ opened, home, registry, env, cwd });
    const program = createProgram({ registry, env, cwd, configuration });
    if (misread(program.ownWords(host.args))) return 0;
    const call = parse(program, host.args, output);
    if (call.kind === "version") return printVersion(host, output);
    if (call.kind === "help") {
      const command = registry.commandEntries.get(call.path)?.command;
      const options = {
        commands: registry.commands,
        choicesOf: (option: Parameters<typeof choicesOf>[0]) => choicesOf(option, registry),
        width: host.columns(),
        style,
      };
      if (settings.json) output.result(help.helpDocument(call.path, command, options));
      else output.page(help.helpPage(call.path, command, options));
      return 0;
    }
    if (program.ownsStdout(host.args)) output.yieldStdout();
    app.configure(appSettings(call.invocation.options, configuration));
    const shown = Object.entries(call.invocation.options).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, shownValue(name, value)]]
    );
    logger.debug("call", { plugin: call.plugin, options: Object.fromEntries(shown) });
    start.signal.throwIfAborted();
    const { run } = await call.handler();
    const result = await run(call.invocation, {
      ...app.context(call.plugin),
      out: output,
      configuration: configuration.describe(call.given),
    });
    return typeof result === "string" ? exitCodeOfKind(result) : result ?? 0;
  } catch (error) {
    if (interruption.signal === undefined) return fail(interruption.defect ?? error, output);
    // What fails while the program is told to end fails because of that, as a rule.
    logger.debug("ended by signal", { signal: interruption.signal, problem: error });
    return exitCodeOfSignal(interruption.signal);
  } finally {
    await stop(app, host, logger);
  }
}

/** Help goes to stdout always; what is wrong with the words, only where stdout is for words. */
function parse(program: Program, args: readonly string[], output: ProgramOutput): Call {
  try {
    return program.parse(args);
  } catch (error) {
    if (program.ownsStdout(args)) output.yieldStdout();
    throw error;
  }
}

async function stop(app: App, host: Host, logger: Logger): Promise<void> {
  const late = Promise.withResolvers<void>();
  const cancel = host.clock.after(STOP_LIMIT, () => {
    logger.warning("plugins and sessions did not end in time", { seconds: STOP_LIMIT / 1000 });
    late.resolve();
  });
  try {
    await Promise.race([app.stop(), late.promise]);
  } catch (error) {
    logger.error("the end was not in good order", { problem: error, stack: stackOf(error) });
  } finally {
    cancel();
  }
}

function printVersion({ denoVersion, os, arch }: Host, output: ProgramOutput): number {
  output.line(`bastion ${version}`);
  output.result({ version, deno: denoVersion, os, arch });
  return 0;
}

/** Says it, and gives the exit code. */
function fail(error: unknown, output: ProgramOutput): number {
  const code = exitCodeOfKind(describeError(error).exit);
  output.fatal(error, code);
  return code;
}

function stackOf(error: unknown): string | undefined {
  return error instanceof Error ? error.stack : undefined;
}
