/** The config file together with flags and variables, for the command line and `bastion config`. */

import { dirname } from "node:path";
import { checkConfig, type CheckedConfig } from "../core/config/check_config.ts";
import { configError } from "../core/config/config_error.ts";
import { configShape } from "../core/config/config_shape.ts";
import type { Configuration, Setting } from "../core/config/configuration.ts";
import { layerConfig } from "../core/config/layer_config.ts";
import type { OpenedConfig } from "../core/config/open_config.ts";
import type { Option } from "../core/plugin/plugin.ts";
import type { Registry } from "../core/plugin/registry.ts";
import { choicesOf } from "./choices.ts";
import { cloudProblems } from "./configured_clouds.ts";
import { globalOptions } from "./global_options.ts";
import { type OptionSources, readOptions, type SourcedValue } from "./read_options.ts";

/** Of which the user chooses the keys. */
const SECTIONS = ["aliases", "clouds", "plugins"] as const;

export interface ConfigurationOptions extends Pick<OptionSources, "env" | "cwd"> {
  readonly opened: OpenedConfig;
  readonly home: string;
  readonly registry: Pick<Registry, "commandEntries" | "plugins" | "choices">;
}

/** {@linkcode Configuration}, and what only the program itself needs. */
export interface ProgramConfiguration extends Omit<Configuration, "settings"> {
  /** What the file says of an option of the command of that path, or of every command's. */
  configured(path: string): (option: Option) => SourcedValue | undefined;
  /** What stands below that key, the profile's first. */
  section(name: (typeof SECTIONS)[number]): readonly Setting[];
  /** @throws BastionError what is wrong with the file first */
  requireValid(): void;
  /** For a command that was called with these options. */
  describe(given: OptionSources["given"]): Configuration;
}

export function createConfiguration(
  { opened, home, registry, env, cwd }: ConfigurationOptions,
): ProgramConfiguration {
  const { file, root, failure, profile } = opened;
  const commands = [...registry.commandEntries.values()].map(({ command }) => command);
  const choices = (option: Option) => choicesOf(option, registry);
  const { values, problems: found }: CheckedConfig = root === undefined
    ? { values: [], problems: [] }
    : checkConfig(
      root,
      configShape({ globalOptions, commands, plugins: registry.plugins }),
      { directory: dirname(file), home, choicesOf: choices },
    );
  const layers = layerConfig(values, profile);
  const byPath = new Map(layers.map((setting) => [setting.path.join("\0"), setting]));

  function configured(path: string): (option: Option) => SourcedValue | undefined {
    return (option) => {
      if (globalOptions.includes(option)) return byPath.get(option.name);
      const own = byPath.get(["defaults", path, option.name].join("\0"));
      const shared = byPath.get(option.name);
      // What a profile says for all commands goes before what the file says for one.
      const overruled = own?.source.kind === "file" && shared?.source.kind === "profile";
      return overruled ? shared : own ?? shared;
    };
  }

  function describe(given: OptionSources["given"]): Configuration {
    const read = (options: readonly Option[], path: string, own: OptionSources["given"]) =>
      [
        // A secret is nothing to show, wherever it comes from.
        ...readOptions(options.filter(({ secret }) => secret === undefined), {
          given: own,
          env,
          cwd,
          choicesOf: choices,
          configured: configured(path),
        }),
      ].flatMap(([name, found]): Setting[] => {
        const option = options.find((one) => one.name === name);
        const where = path === "" ? [name] : ["defaults", path, name];
        return option ? [{ path: where, option, ...found }] : [];
      });
    return {
      ...facts,
      settings: (only) =>
        uniqueByPath([
          ...read(globalOptions, "", given),
          ...commands.filter(({ path }) => only === undefined || path === only).flatMap((command) =>
            read(command.options, command.path, new Map())
              .filter(({ source }) => only !== undefined || source.kind !== "default")
          ),
          ...only === undefined ? SECTIONS.flatMap(section) : [],
        ]),
    };
  }

  const section: ProgramConfiguration["section"] = (name) =>
    layers.filter(({ path: [first] }) => first === name);
  // What is wrong with a cloud is told once its keys are right.
  const problems = found.length > 0 ? found : cloudProblems(section("clouds"), file);
  const facts = {
    file,
    exists: root !== undefined || failure !== undefined,
    ...(profile === undefined ? {} : { profile }),
    problems,
    ...(failure === undefined ? {} : { failure }),
  };
  return {
    ...facts,
    configured,
    section,
    describe,
    requireValid() {
      if (failure !== undefined) throw failure;
      const [first] = problems;
      if (first) throw configError(file, first);
    },
  };
}

/** What the file says for all commands is found with each of them. */
function uniqueByPath(settings: readonly Setting[]): readonly Setting[] {
  return [...new Map(settings.map((setting) => [setting.path.join("\0"), setting])).values()];
}
