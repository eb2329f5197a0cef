/** The pages of `--help`, for people and as JSON, from the commands' data. */

import type { Command, Option } from "../core/plugin/plugin.ts";
import { layOutHelp } from "./commander_adapter.ts";
import { exitCodes } from "./exit_codes.ts";
import { globalOptions } from "./global_options.ts";
import { plainText } from "./plain_text.ts";
import { variableOf } from "./read_options.ts";
import type { Style } from "./style.ts";
import { usageLine } from "./usage_line.ts";

export interface HelpOptions {
  /** What help lists, by path. */
  readonly commands: ReadonlyMap<string, Command>;
  readonly choicesOf: (option: Option) => readonly string[];
  /** Columns of the terminal. */
  readonly width: number;
  readonly style: Style;
}

/** The page of a command, or of all commands whose path begins so; all of them where it is empty. */
export function helpPage(
  path: string,
  command: Command | undefined,
  options: HelpOptions,
): string {
  return command === undefined ? overview(path, options) : commandPage(command, options);
}

/** What programs get: the command, or the table of the commands whose path begins so. */
export function helpDocument(
  path: string,
  command: Command | undefined,
  { commands, choicesOf }: Pick<HelpOptions, "commands" | "choicesOf">,
): unknown {
  if (command) return commandDocument(command, choicesOf);
  return {
    commands: below(path, commands).map((one) => commandDocument(one, choicesOf)),
    globalOptions: globalOptions.map((option) => optionDocument(option, choicesOf)),
  };
}

function overview(path: string, { commands, choicesOf, width, style }: HelpOptions): string {
  const entries = below(path, commands).map(({ path, summary }) => ({ name: path, summary }));
  const page = layOutHelp(
    {
      usage: `bastion ${path === "" ? "" : `${path} `}COMMAND [OPTIONS]`,
      description: path === ""
        ? "Reaches virtual machines through Azure Bastion."
        : `The commands of bastion ${path}.`,
      items: { heading: "Commands:", entries },
      groups: [globalGroup(choicesOf)],
    },
    width,
    style.heading,
  );
  const codes = exitCodes.map(({ code, meaning }) => `  ${String(code).padEnd(3)}  ${meaning}`);
  return [
    page,
    ...(path === "" ? [[style.heading("Exit codes:"), ...codes].join("\n")] : []),
    "bastion help COMMAND explains a command.",
  ].join("\n\n");
}

function commandPage(command: Command, { commands, choicesOf, width, style }: HelpOptions): string {
  const { path, summary, description, args = [], rest, options, examples } = command;
  const group = (heading: string, some: readonly Option[]) => ({
    heading,
    options: some.map((option) => ({ option, summary: optionSummary(option, choicesOf) })),
  });
  const children = below(path, commands).filter((one) => one.path !== path);
  const page = layOutHelp(
    {
      usage: usageLine(command),
      description: `${summary}.${description === undefined ? "" : `\n\n${description}`}`,
      commands: children.map(({ path, summary }) => ({ path, summary })),
      items: {
        heading: "Arguments:",
        entries: [
          ...args,
          ...(rest ? [{ name: `-- ${rest.placeholder}`, summary: rest.summary }] : []),
        ],
      },
      groups: [
        group("Options, as in az:", options.filter(({ az }) => az)),
        group("Options:", options.filter(({ az }) => !az)),
        globalGroup(choicesOf),
      ],
    },
    width,
    style.heading,
  );
  const shown = examples.flatMap(({ text, command }) => [`  ${text}:`, `    ${command}`]);
  const sections = [
    page,
    ...(shown.length > 0 ? [[style.heading("Examples:"), ...shown.map(plainText)].join("\n")] : []),
    environmentNote(options),
  ];
  return sections.join("\n\n");
}

function globalGroup(choicesOf: HelpOptions["choicesOf"]) {
  return {
    heading: "Options of every command:",
    options: globalOptions.map((option) => ({
      option,
      summary: optionSummary(option, choicesOf),
    })),
  };
}

function environmentNote(options: readonly Option[]): string {
  const [example] = options.filter(({ env }) => env === undefined);
  const variables = example
    ? `An option that is not given is read from BASTION_ and its name, as ${
      variableOf(example)
    } for --${example.name}.\n`
    : "";
  return `${variables}bastion --help lists the exit codes.`;
}

function optionSummary(option: Option, choicesOf: HelpOptions["choicesOf"]): string {
  const notes = [
    ...(option.required ? ["required"] : []),
    ...(option.type === "choice" ? [`one of ${choicesOf(option).join(", ")}`] : []),
    ...defaultNote(option),
    ...(typeof option.env === "string" ? [`variable: ${option.env}`] : []),
  ];
  return notes.length === 0 ? option.summary : `${option.summary} (${notes.join("; ")})`;
}

function defaultNote(option: Option): string[] {
  if (option.type === "boolean" || option.default === undefined) return [];
  return [`default: ${option.type === "duration" ? `${option.default / 1000}s` : option.default}`];
}

/** The commands at and under a path, in the order of the plugins. */
function below(path: string, commands: ReadonlyMap<string, Command>): Command[] {
  return [...commands.values()].filter((one) =>
    path === "" || one.path === path || one.path.startsWith(`${path} `)
  );
}

function commandDocument(command: Command, choicesOf: HelpOptions["choicesOf"]) {
  const { path, summary, description, args = [], rest, options, examples, events = {} } = command;
  return {
    name: path,
    summary,
    description,
    args,
    rest,
    options: options.map((option) => optionDocument(option, choicesOf)),
    examples,
    events,
  };
}

function optionDocument(option: Option, choicesOf: HelpOptions["choicesOf"]) {
  return {
    ...option,
    env: variableOf(option),
    ...(option.type === "choice" ? { choices: choicesOf(option) } : {}),
  };
}
