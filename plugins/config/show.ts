/** What `bastion config show` does: one line a setting, with its source. */

import type { CommandContext, CommandHandler, Setting } from "../../core/mod.ts";

export const run: CommandHandler = ({ args: [command] }, ctx) => {
  const { configuration, out } = ctx;
  if (command !== undefined && !ctx.commands.has(command)) {
    throw ctx.error("usage", {
      problem: `There is no command ${command}.`,
      remedy: "See: bastion --help",
    });
  }
  const settings = configuration.settings(command);
  const { file, exists, profile } = configuration;
  out.result({
    file,
    exists,
    profile,
    settings: settings.map(({ path, value, source }) => ({
      path,
      value,
      source: { ...source, ...("line" in source ? { file } : {}) },
    })),
  });
  out.notice(`${file}${exists ? "" : " (does not exist)"}${profile ? `, profile ${profile}` : ""}`);
  const rows = settings.map((setting) =>
    [nameOf(setting), textOf(setting), sourceOf(setting, ctx)] as const
  );
  const width = (column: 0 | 1) =>
    Math.min(WIDEST, Math.max(0, ...rows.map((row) => row[column].length)));
  for (const [name, value, source] of rows) {
    out.line(`${name.padEnd(width(0))}  ${value.padEnd(width(1))}  ${source}`);
  }
  if (rows.length === 0) out.notice("Nothing is set.");
  return Promise.resolve();
};

/** One long value must not push all sources out of sight. */
const WIDEST = 48;

function nameOf({ path: [first = "", ...others] }: Setting): string {
  return first === "defaults"
    ? `${others.slice(0, -1).join(" ")} --${others.at(-1)}`
    : others.length === 0
    ? `--${first}`
    : [first, ...others].join(" → ");
}

function textOf({ option, value }: Setting): string {
  return option.type === "duration" && typeof value === "number"
    ? `${value / 1000}s`
    : String(value);
}

function sourceOf({ source }: Setting, { configuration: { file } }: CommandContext): string {
  switch (source.kind) {
    case "flag":
      return source.flag;
    case "variable":
      return source.variable;
    case "profile":
      return `profile ${source.profile}, ${file}:${source.line}`;
    case "file":
      return `${file}:${source.line}`;
    case "default":
      return "default";
  }
}
