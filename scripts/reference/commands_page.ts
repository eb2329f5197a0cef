/** docs/reference/commands.md, from the commands of the built-in plugins, which are data. */

import { usageLine } from "../../cli/usage_line.ts";
import type { Command, CommandExtension, Option, Plugin } from "../../core/mod.ts";
import type { ChoiceSource } from "../../core/plugin/plugin.ts";
import { code, pageHead, plain, table } from "./markdown.ts";

/** Plugins add to these, so that `--help` alone can list them. */
const sources: Readonly<Record<ChoiceSource, string>> = {
  transports: "transports",
  credentials: "Azure credentials",
  signIns: "VM sign-ins",
};

export function commandsPage(
  plugins: readonly Plugin[],
  globalOptions: readonly Option[],
): string {
  const parts = [
    pageHead("Commands", "the commands of the built-in plugins"),
    "Options marked *az* are the Azure CLI's own and may be abbreviated, as there. What an " +
    "option says can be given by the environment variable that stands beside it, if there is one.\n",
    "## Options of every command\n",
    optionTable(globalOptions),
  ];
  const extensions = plugins.flatMap((plugin) =>
    (plugin.commandExtensions ?? []).map((extension) => ({ plugin: plugin.name, extension }))
  );
  for (const plugin of plugins) {
    for (const command of plugin.commands ?? []) {
      const own = extensions.filter(({ extension }) => extension.command === command.path);
      parts.push(section(plugin.name, command, own));
    }
  }
  return parts.join("\n");
}

function section(
  plugin: string,
  command: Command,
  extensions: readonly { readonly plugin: string; readonly extension: CommandExtension }[],
): string {
  const parts = [
    `## bastion ${command.path}\n`,
    `${plain(command.summary)}. Plugin ${code(plugin)}.\n`,
  ];
  parts.push(`    ${usageLine(command)}\n`);
  if (command.description !== undefined) parts.push(`${command.description.trimEnd()}\n`);
  if (command.args?.length) {
    parts.push(table(
      ["Argument", "Meaning"],
      command.args.map((arg) => [
        code(arg.name),
        plain(arg.summary) + (arg.required ? " (required)" : ""),
      ]),
    ));
  }
  if (command.rest) {
    parts.push(table(["After `--`", "Meaning"], [[
      code(command.rest.placeholder),
      plain(command.rest.summary),
    ]]));
  }
  if (command.options.length > 0) parts.push(optionTable(command.options));
  for (const { plugin, extension } of extensions) {
    parts.push(`Added by plugin ${code(plugin)}:\n`, optionTable(extension.options));
  }
  if (command.events) {
    const rows = Object.entries(command.events).map(([name, text]) => [code(name), plain(text)]);
    parts.push("With `--json`:\n", table(["Event", "Fields and meaning"], rows));
  }
  if (command.examples.length > 0) {
    parts.push("Examples:\n");
    for (const { text, command: line } of command.examples) {
      parts.push(`${plain(text)}:\n\n    ${line}\n`);
    }
  }
  return parts.join("\n");
}

function optionTable(options: readonly Option[]): string {
  return table(
    ["Option", "Meaning", "Values", "Default", "Variable"],
    // az's own first, as in `--help`.
    [...options].sort((a, b) => Number(b.az ?? false) - Number(a.az ?? false)).map((option) => [
      `${option.short ? `${code(`-${option.short}`)}, ` : ""}${code(spelling(option))}`,
      [
        plain(option.summary),
        ...option.az ? ["*az*"] : [],
        ...option.required ? ["**required**"] : [],
      ].join(" · "),
      values(option),
      defaultOf(option),
      option.env === false ? "" : code(option.env ?? environmentName(option.name)),
    ]),
  );
}

function spelling(option: Option): string {
  return option.type === "boolean" ? `--${option.name}` : `--${option.name} ${option.placeholder}`;
}

export function environmentName(option: string): string {
  return `BASTION_${option.toUpperCase().replaceAll("-", "_")}`;
}

function values(option: Option): string {
  switch (option.type) {
    case "integer":
      return `${option.min} to ${option.max}`;
    case "choice":
      return "from" in option.choices
        ? `one of the ${sources[option.choices.from]}; see --help`
        : option.choices.map(code).join(", ");
    case "strings":
      return "string, repeatable";
    default:
      return option.type === "boolean" ? "" : option.type;
  }
}

function defaultOf(option: Option): string {
  if (option.type === "boolean" || option.default === undefined) return "";
  if (option.type !== "duration") return code(String(option.default));
  return code(option.default % 1000 === 0 ? `${option.default / 1000}s` : `${option.default}ms`);
}
