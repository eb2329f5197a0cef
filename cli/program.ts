/** Turns the plugins' commands and the user's words into one call. Pure: it reads what it is given. */

import { bastionError } from "../core/errors.ts";
import type { CommandHandler, Invocation, Option } from "../core/plugin/plugin.ts";
import type { CommandEntry, Registry } from "../core/plugin/registry.ts";
import { readTargetRequest } from "../core/target/target_options.ts";
import { readConnectionSettings } from "../core/tunnel/connection_options.ts";
import { choicesOf } from "./choices.ts";
import { parseWords } from "./commander_adapter.ts";
import { azWordsError } from "./az_words_error.ts";
import type { ProgramConfiguration } from "./configuration.ts";
import { globalOptions } from "./global_options.ts";
import {
  type OptionSources,
  optionValues,
  readOptions,
  type SourcedValue,
  variableOf,
} from "./read_options.ts";
import { settleRivals } from "./settle_rivals.ts";
import { called, seeHelp, usageError } from "./usage_error.ts";
import { divideWords, nameCommand, spellOut } from "./words.ts";
import { wordsError } from "./words_error.ts";

/** What the user wants. */
export type Call =
  | { readonly kind: "version" }
  /** `path` is a command's, the beginning of some commands', or empty. */
  | { readonly kind: "help"; readonly path: string }
  | {
    readonly kind: "run";
    /** Whose handler it is, and whose context it gets. */
    readonly plugin: string;
    readonly handler: () => Promise<{ run: CommandHandler }>;
    readonly invocation: Invocation;
    /** What the user wrote, by the option's name. */
    readonly given: OptionSources["given"];
  };

export interface ProgramOptions extends Pick<OptionSources, "env" | "cwd"> {
  readonly registry: Pick<Registry, "commands" | "commandEntries" | "choices">;
  /** The config file; there is none where it is left out. */
  readonly configuration?: Pick<ProgramConfiguration, "configured" | "requireValid">;
}

export interface Program {
  /** @throws BastionError `usage`, `service-missing`, what is wrong with the config file */
  parse(argv: readonly string[]): Call;
  /** Those before `--`, and before the command line of another program. */
  ownWords(argv: readonly string[]): readonly string[];
  /** Whether the words name a command that has stdout for its own bytes. */
  ownsStdout(argv: readonly string[]): boolean;
}

/** @throws BastionError `plugin-conflict` where a command takes what is every command's */
export function createProgram(
  { registry, env, cwd, configuration }: ProgramOptions,
): Program {
  const { commandEntries } = registry;
  checkNames(commandEntries);
  const listed = [...registry.commands.keys()];

  function parse(argv: readonly string[]): Call {
    const { words, rest: behind } = divideWords(argv);
    const azWords = azWordsError(words, [...commandEntries.keys()]);
    if (azWords) throw azWords;
    const named = nameCommand(words, ["help", ...commandEntries.keys()], globalOptions);
    const asked = named.path === "help";
    const { path, others } = asked
      ? nameCommand(named.others, [...commandEntries.keys()], globalOptions)
      : named;
    // Help takes a command's name alone: its options are not looked at.
    const entry = asked ? undefined : commandEntries.get(path);
    const command = entry?.command;
    const options = [...(command?.options ?? []), ...globalOptions];
    const takes = command?.args ?? [];
    const restAt = takes.findIndex((arg) => arg.rest);
    const spelt = spellOut(others, options, restAt < 0 ? undefined : restAt);
    // Once another program's command line has begun, a `--` is that program's.
    const own = divideWords(spelt);
    const rest = own.rest === undefined ? behind : undefined;
    const foreign = own.rest && behind ? ["--", ...behind] : [];
    if (own.words.includes("--version")) return { kind: "version" };
    const parsed = parseWords([...spelt, ...foreign], options, takes);
    const problem = "given" in parsed ? undefined : wordsError(parsed, { path, command, listed });
    if (entry === undefined) {
      if (problem) throw problem;
      return { kind: "help", path };
    }
    // Whoever asks for help gets it, whatever else is wrong.
    if (own.words.includes("--help")) return { kind: "help", path };
    if (entry.missing) throw bastionError("service-missing", { ...entry.missing });
    if (!("given" in parsed)) throw problem;
    if (rest !== undefined && entry.command.rest === undefined) {
      throw usageError(
        `${called(path)} takes nothing behind --.`,
        `Leave out -- and what follows. ${seeHelp(path)}`,
      );
    }
    if (!entry.command.ignoresConfig) configuration?.requireValid();
    const configured = configuration?.configured(path);
    const values = readOptions(options, {
      given: parsed.given,
      env,
      ...(configured ? { configured } : {}),
      cwd,
      choicesOf: (option) => choicesOf(option, registry),
    });
    const { given, args } = parsed;
    return { ...run(entry, values, args, rest ?? []), given };
  }

  function ownWords(argv: readonly string[]): readonly string[] {
    const { words } = divideWords(argv);
    const { path, others } = nameCommand(words, [...commandEntries.keys()], globalOptions);
    const command = commandEntries.get(path)?.command;
    const restAt = command?.args?.findIndex((arg) => arg.rest) ?? -1;
    if (command === undefined || restAt < 0) return words;
    try {
      const options = [...command.options, ...globalOptions];
      const { rest = [] } = divideWords(spellOut(others, options, restAt));
      return words.slice(0, words.length - rest.length);
    } catch {
      // What is wrong with them is said when they are parsed.
      return words;
    }
  }

  function ownsStdout(argv: readonly string[]): boolean {
    const { path } = nameCommand(
      divideWords(argv).words,
      [...commandEntries.keys()],
      globalOptions,
    );
    return commandEntries.get(path)?.command.ownsStdout === true;
  }

  return { parse, ownWords, ownsStdout };
}

function checkNames(entries: ReadonlyMap<string, CommandEntry>): void {
  const taken = new Set(
    globalOptions.flatMap(({ name, short }) => [`--${name}`, ...(short ? [`-${short}`] : [])]),
  );
  for (const [path, { plugin, command }] of entries) {
    const conflict = (kind: string, name: string) =>
      bastionError("plugin-conflict", { kind, name, owner: "bastion itself", other: plugin });
    if (path.split(" ", 1)[0] === "help") throw conflict("command", path);
    for (const { name, short } of command.options) {
      for (const spelling of [`--${name}`, `-${short ?? ""}`]) {
        if (taken.has(spelling)) throw conflict("option", `${path} ${spelling}`);
      }
    }
  }
}

/** The call, made by the command or by the one extension that takes it over. */
function run(
  entry: CommandEntry,
  read: Map<string, SourcedValue>,
  args: readonly string[],
  rest: readonly string[],
): Omit<Extract<Call, { kind: "run" }>, "given"> {
  const { command, extensions } = entry;
  if (command.target) settleRivals(read, args.length > 0);
  const options = optionValues(read);
  const invocation: Invocation = { options, args, rest };
  const [taker, rival] = extensions.filter(({ value }) => value.when(invocation.options));
  if (taker && rival) {
    const [first, second] = [taker, rival].map(({ value }) =>
      value.options.map(({ name }) => `--${name}`).join(", ")
    );
    throw usageError(
      `The plugins ${taker.plugin} and ${rival.plugin} would both take over ${
        called(command.path)
      }.`,
      `Leave out either ${first} or ${second}.`,
    );
  }
  if (taker) {
    requireOptions(command.path, taker.value.options, invocation);
    const { plugin, value: { handler } } = taker;
    return { kind: "run", plugin, handler, invocation };
  }
  const foreign = new Set(extensions.flatMap(({ value }) => value.options));
  requireOptions(
    command.path,
    command.options.filter((option) => !foreign.has(option)),
    invocation,
  );
  const absent = command.args?.find(({ required }, at) =>
    required && invocation.args[at] === undefined
  );
  if (absent) {
    throw usageError(
      `${called(command.path)} needs ${absent.name}: ${absent.summary}.`,
      seeHelp(command.path),
    );
  }
  const call = { kind: "run", plugin: entry.plugin, handler: command.handler } as const;
  if (command.target === undefined) return { ...call, invocation };
  const { request: target, user } = readTargetRequest(command.target, options, args);
  return {
    ...call,
    invocation: {
      ...invocation,
      args: args.slice(1),
      ...(target === undefined ? {} : { target }),
      ...(command.target.connects ? { connection: readConnectionSettings(options) } : {}),
      ...(user === undefined ? {} : { user }),
    },
  };
}

/** @throws BastionError `usage` where a required option has no value from anywhere */
function requireOptions(path: string, options: readonly Option[], invocation: Invocation): void {
  const missing = options.filter(({ name, required }) =>
    required && invocation.options[name] === undefined
  );
  if (missing.length === 0) return;
  const names = missing.map(({ name }) => `--${name}`).join(" and ");
  const variables = missing.flatMap((option) => variableOf(option) ?? []).join(" and ");
  throw usageError(
    `${called(path)} needs ${names}.`,
    `Give ${names}${variables === "" ? "" : `, or set ${variables}`}. ${seeHelp(path)}`,
  );
}
