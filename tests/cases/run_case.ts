/** Does what the program does with a command line, up to the call of the handler. */

import { resolve } from "node:path";
import { builtInSignIns } from "../../core/auth/vm/built_in_sign_ins.ts";
import { createConfiguration } from "../../cli/configuration.ts";
import { exitCodeOfKind } from "../../cli/exit_codes.ts";
import { createProgram } from "../../cli/program.ts";
import { openConfig } from "../../core/config/open_config.ts";
import { describeError } from "../../core/errors.ts";
import type { OptionValue, Plugin } from "../../core/mod.ts";
import { createRegistry, type Registry } from "../../core/plugin/registry.ts";
import { createWebTunnel } from "../../core/tunnel/webtunnel/webtunnel.ts";
import { defaults } from "../../plugins/defaults.ts";
import { barePluginContext } from "../../scripts/reference/plugin_context.ts";
import { tempDir } from "../helpers/temp_dir.ts";
import type { Expected, ParsedCase } from "./case_file.ts";

/** Stands for the user's directory, and for the config file's. */
const HOME = resolve("/home/user");

/** All that a command line is judged by. */
export async function builtInRegistry(): Promise<Registry> {
  const credential = (name: string) => ({
    name,
    create: () => Promise.resolve({ absent: "not needed here" }),
  });
  const core: Plugin = {
    name: "core",
    version: "1.0.0",
    apiVersion: 1,
    credentials: [credential("environment"), credential("azure-cli")],
    signIns: builtInSignIns(() => Promise.reject(new Error("not needed here"))),
    transports: [createWebTunnel()],
  };
  const plugins = await Promise.all(defaults.map((factory) => factory(barePluginContext())));
  return createRegistry([core, ...plugins]);
}

export async function runCase(
  { argv, env = {}, config }: Omit<ParsedCase, "expected">,
  registry: Registry,
): Promise<Expected> {
  await using directory = await tempDir();
  const file = directory.file("config.yaml");
  const shown = (text: string) => text.replaceAll(file, "config.yaml");
  if (config) await Deno.writeTextFile(file, `${config.join("\n")}\n`);
  const variables = { ...env };
  const opened = await openConfig({
    file,
    asked: false,
    profile: profileOf(argv) ?? variables["BASTION_PROFILE"],
  });
  const sources = { registry, env: (name: string) => variables[name], cwd: HOME };
  try {
    const configuration = createConfiguration({ ...sources, opened, home: HOME });
    const call = createProgram({ ...sources, configuration }).parse(argv);
    if (call.kind === "help") return { call: "help", path: call.path };
    if (call.kind === "version") return { call: "version" };
    const { options, args, rest, target, user } = call.invocation;
    const entry = [...registry.commandEntries.values()].find(({ command }) =>
      command.handler === call.handler
    );
    const standard = new Map(
      (entry?.command.options ?? []).flatMap((option) =>
        "default" in option && option.default !== undefined ? [[option.name, option.default]] : []
      ),
    );
    return {
      call: "run",
      command: entry?.command.path ?? "",
      options: Object.fromEntries(
        Object.entries(options).flatMap(([name, value]) =>
          value === undefined || standard.get(name) === value ? [] : [[name, portable(value)]]
        ),
      ),
      ...(target === undefined ? {} : { target }),
      ...(user === undefined ? {} : { user }),
      ...(args.length === 0 ? {} : { args }),
      ...(rest.length === 0 ? {} : { rest }),
    };
  } catch (error) {
    const { code, message, hint, exit } = describeError(error);
    return {
      error: code,
      exit: exitCodeOfKind(exit),
      message: shown(message),
      hint: shown(hint),
    };
  }
}

/** A path below the user's directory, as it is written on every system. */
function portable(value: OptionValue): OptionValue {
  return typeof value === "string" && value.startsWith(HOME)
    ? `~${value.slice(HOME.length).replaceAll("\\", "/")}`
    : value;
}

function profileOf(argv: readonly string[]): string | undefined {
  const at = argv.indexOf("--profile");
  return at < 0 ? undefined : argv[at + 1];
}
