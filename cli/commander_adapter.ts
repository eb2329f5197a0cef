/**
 * The only door to commander, so that it can be exchanged: it judges the words of one command, and
 * lays out help. Words come to it spelt out ({@linkcode ./words.ts}), since it knows no
 * abbreviations and takes a forgotten value's neighbour for the value.
 */

import { Argument, Command, CommanderError, Option as CommanderOption } from "commander";
import type { Argument as PluginArgument, Option } from "../core/plugin/plugin.ts";

/** What the user wrote of an option: `true` for a switch, a list for what may be given repeatedly. */
export type GivenWord = string | true | readonly string[];

/** What the user wrote, by name. The last of several counts, as with az, where there is no list. */
export interface ParsedWords {
  readonly given: ReadonlyMap<string, GivenWord>;
  readonly args: readonly string[];
}

/** Why the words cannot be a call of the command. */
export type WordsProblem =
  | { readonly unknownOption: string; readonly suggestion?: string }
  | { readonly excess: readonly string[] }
  | { readonly other: string };

export function parseWords(
  words: readonly string[],
  options: readonly Option[],
  args: readonly PluginArgument[],
): ParsedWords | WordsProblem {
  const given = new Map<string, GivenWord>();
  const command = silentCommand();
  for (const option of options) {
    command.addOption(commanderOption(option));
    command.on(`option:${option.name}`, (value: unknown) => {
      const word = typeof value === "string" ? value : true;
      const before = given.get(option.name);
      const list = option.type === "strings" && word !== true;
      given.set(option.name, list ? [...(Array.isArray(before) ? before : []), word] : word);
    });
  }
  for (const { name, rest, many } of args) {
    command.addArgument(new Argument(rest || many ? `[${name}...]` : `[${name}]`));
  }
  try {
    command.parse([...words], { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return problemOf(error, command.args.slice(args.length));
  }
  return { given, args: command.args };
}

/** The name that the user may have meant, out of those that there are. */
export function suggestName(word: string, names: readonly string[]): string | undefined {
  const root = silentCommand();
  for (const name of names) root.addCommand(silentCommand(name));
  try {
    root.parse([word], { from: "user" });
  } catch (error) {
    if (error instanceof CommanderError) return suggestionIn(error.message);
    throw error;
  }
  return undefined;
}

/** What help shows. */
export interface HelpPage {
  readonly usage: string;
  readonly description: string;
  /** What comes first: the arguments, or the commands. */
  readonly items: {
    readonly heading: string;
    readonly entries: readonly { readonly name: string; readonly summary: string }[];
  };
  readonly groups: readonly {
    readonly heading: string;
    readonly options: readonly { readonly option: Option; readonly summary: string }[];
  }[];
  /** What comes last. */
  readonly commands?: readonly { readonly path: string; readonly summary: string }[];
}

/** `heading` marks a heading, as with bold letters. */
export function layOutHelp(
  page: HelpPage,
  width: number,
  heading: (text: string) => string,
): string {
  const command = silentCommand("bastion").description(page.description).usage(page.usage);
  const terms = new Map<string, string>();
  command.configureHelp({
    helpWidth: width,
    // Commander has one heading for what stands first.
    styleTitle: (title) => heading(title === "Arguments:" ? page.items.heading : title),
    commandUsage: () => page.usage,
    optionTerm: ({ long }) => terms.get(long ?? "") ?? "",
    subcommandTerm: (sub) => sub.name(),
  });
  for (const { name, summary } of page.items.entries) {
    command.addArgument(new Argument(`[${name}]`, summary));
  }
  for (const { path, summary } of page.commands ?? []) {
    command.addCommand(silentCommand(path).description(summary));
  }
  for (const { heading, options } of page.groups) {
    for (const { option, summary } of options) {
      terms.set(`--${option.name}`, optionTerm(option));
      const shown = commanderOption(option);
      shown.description = summary;
      command.addOption(shown.helpGroup(heading));
    }
  }
  return command.helpInformation().trimEnd();
}

function silentCommand(name = "bastion"): Command {
  return new Command(name).exitOverride().helpOption(false).helpCommand(false)
    .configureOutput({
      writeOut: () => {},
      writeErr: () => {},
      outputError: () => {},
      // Whether marks are wanted is not commander's to guess.
      getOutHasColors: () => true,
    });
}

/** The placeholder is ours to show; in commander's flags its brackets would mean something. */
function commanderOption(option: Option): CommanderOption {
  const value = option.type === "boolean" ? "" : " <value>";
  return new CommanderOption(`${shortOf(option)}--${option.name}${value}`, option.summary);
}

function optionTerm(option: Option): string {
  const value = option.type === "boolean" ? "" : ` ${option.placeholder}`;
  return `${shortOf(option) || "    "}--${option.name}${value}`;
}

function shortOf({ short }: Option): string {
  return short === undefined ? "" : `-${short}, `;
}

function problemOf(error: CommanderError, excess: readonly string[]): WordsProblem {
  if (error.code === "commander.excessArguments") return { excess };
  const unknownOption = /unknown option '([^]*?)'(?:\n|$)/.exec(error.message)?.[1];
  if (error.code !== "commander.unknownOption" || unknownOption === undefined) {
    return { other: error.message.replace(/^error: /, "") };
  }
  const suggestion = suggestionIn(error.message);
  return { unknownOption, ...(suggestion === undefined ? {} : { suggestion }) };
}

function suggestionIn(message: string): string | undefined {
  return /\(Did you mean (?:one of )?([^?]+)\?\)/.exec(message)?.[1];
}
