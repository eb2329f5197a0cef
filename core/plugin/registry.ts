/**
 * What all plugins contribute, by kind and name. A name has one owner: where two plugins claim it,
 * nothing is guessed, and the error names both.
 */

import type { CredentialProvider } from "../auth/azure/credential.ts";
import type { VmSignInProvider } from "../auth/vm/sign_in.ts";
import type { Check } from "../doctor/check.ts";
import { type ErrorDefinition, errors as coreErrors } from "../error_catalogue.ts";
import { bastionError } from "../errors.ts";
import type { Transport } from "../tunnel/transport.ts";
import type {
  ChoiceSource,
  Command,
  CommandExtension,
  Option,
  Plugin,
  Service,
  TargetResolver,
} from "./plugin.ts";
import { validatePlugin } from "./validate_plugin.ts";
import { withTarget } from "./with_target.ts";

/** A contribution and the plugin that it is from. */
export interface Owned<Value> {
  readonly plugin: string;
  readonly value: Value;
}

/** A service that a plugin needs and nobody provides. */
export interface MissingService {
  readonly plugin: string;
  readonly service: string;
}

/** A command with all that belongs to it. */
export interface CommandEntry {
  readonly plugin: string;
  /** With TARGET and its options before its own, and the options of its extensions after them. */
  readonly command: Command;
  readonly extensions: readonly Owned<CommandExtension>[];
  /** Why it is not listed; a call ends with `service-missing`. */
  readonly missing?: MissingService;
}

export interface Registry {
  /** In the order of start. */
  readonly plugins: readonly Plugin[];
  /** What help lists, by path: every command that can run, with its extensions' options. */
  readonly commands: ReadonlyMap<string, Command>;
  /** Every command by path, those that cannot run included. */
  readonly commandEntries: ReadonlyMap<string, CommandEntry>;
  readonly credentials: ReadonlyMap<string, CredentialProvider>;
  readonly signIns: ReadonlyMap<string, Owned<VmSignInProvider>>;
  readonly targetResolvers: ReadonlyMap<string, Owned<TargetResolver>>;
  readonly transports: ReadonlyMap<string, Transport>;
  readonly services: ReadonlyMap<string, Owned<Service>>;
  /** For the doctor, in the order of start, by `plugin/name`. */
  readonly checks: ReadonlyMap<string, Owned<Check>>;
  /** By full code: the core's, and the plugins' as `plugin/code`. */
  readonly errors: ReadonlyMap<string, ErrorDefinition>;
  /** The names that an option with `{ from: source }` may take. */
  choices(source: ChoiceSource): readonly string[];
}

/** @throws BastionError `plugin-invalid`, `plugin-conflict` */
export function createRegistry(plugins: readonly Plugin[]): Registry {
  const known = new Set<string>();
  for (const plugin of plugins) {
    validatePlugin(plugin);
    if (known.has(plugin.name)) {
      throw bastionError("plugin-invalid", {
        plugin: plugin.name,
        problem: "another plugin has the same name",
      });
    }
    known.add(plugin.name);
  }

  const collect = <Value>(
    kind: string,
    list: (plugin: Plugin) => readonly Value[] | undefined,
    nameOf: (value: Value) => string,
  ) => {
    const all = new Map<string, Owned<Value>>();
    for (const plugin of plugins) {
      for (const value of list(plugin) ?? []) {
        claim(all, kind, nameOf(value), { plugin: plugin.name, value });
      }
    }
    return all;
  };
  const services = collect("service", (plugin) => plugin.services, (service) => service.key.name);
  const credentials = values(
    collect("credential", (plugin) => plugin.credentials, (provider) => provider.name),
  );
  const signIns = collect("sign-in", (plugin) => plugin.signIns, (provider) => provider.name);
  const targetResolvers = collect(
    "target resolver",
    (plugin) => plugin.targetResolvers,
    (resolver) => resolver.name,
  );
  const transports = values(
    collect("transport", (plugin) => plugin.transports, (transport) => transport.name),
  );
  const checks = new Map<string, Owned<Check>>();
  for (const plugin of plugins) {
    for (const value of plugin.checks ?? []) {
      const name = `${plugin.name}/${value.name}`;
      claim(checks, "check", name, { plugin: plugin.name, value });
    }
  }
  const commandEntries = enterCommands(
    plugins,
    collect("command", (plugin) => plugin.commands, (command) => command.path),
    services,
  );
  return {
    plugins,
    commands: new Map(
      [...commandEntries].filter(([, { missing, command }]) => !missing && !command.hidden)
        .map(([path, entry]) => [path, entry.command]),
    ),
    commandEntries,
    credentials,
    signIns,
    targetResolvers,
    transports,
    services,
    checks,
    errors: collectErrors(plugins),
    choices: (source) => [...{ transports, credentials, signIns }[source].keys()],
  };
}

function claim<Value>(
  all: Map<string, Owned<Value>>,
  kind: string,
  name: string,
  claimed: Owned<Value>,
): void {
  const holder = all.get(name);
  if (holder !== undefined) {
    throw bastionError("plugin-conflict", {
      kind,
      name,
      owner: holder.plugin,
      other: claimed.plugin,
    });
  }
  all.set(name, claimed);
}

function values<Value>(owned: ReadonlyMap<string, Owned<Value>>): ReadonlyMap<string, Value> {
  return new Map([...owned].map(([name, { value }]) => [name, value]));
}

function enterCommands(
  plugins: readonly Plugin[],
  commands: ReadonlyMap<string, Owned<Command>>,
  services: ReadonlyMap<string, unknown>,
): ReadonlyMap<string, CommandEntry> {
  const missing = new Map<string, MissingService>();
  const extensions: Owned<CommandExtension>[] = [];
  for (const plugin of plugins) {
    const key = plugin.requires?.find(({ name }) => !services.has(name));
    if (key) missing.set(plugin.name, { plugin: plugin.name, service: key.name });
    for (const value of plugin.commandExtensions ?? []) {
      if (!commands.has(value.command)) {
        throw bastionError("plugin-invalid", {
          plugin: plugin.name,
          problem: `it extends the command ${value.command}, which no plugin brings`,
        });
      }
      // An extension that cannot run is as if it were not there: its options are unknown.
      if (!key) extensions.push({ plugin: plugin.name, value });
    }
  }
  const entries = new Map<string, CommandEntry>();
  for (const [path, { plugin, value }] of commands) {
    const command = withTarget(value);
    const own = extensions.filter(({ value }) => value.command === path);
    const reason = missing.get(plugin);
    entries.set(path, {
      plugin,
      command: {
        ...command,
        options: mergeOptions(path, [
          { plugin, value: command.options },
          ...own.map((extension) => ({ ...extension, value: extension.value.options })),
        ]),
      },
      extensions: own,
      ...(reason ? { missing: reason } : {}),
    });
  }
  return entries;
}

/** The options of a command and its extensions; no two may share a name or a letter. */
function mergeOptions(path: string, lists: readonly Owned<readonly Option[]>[]): Option[] {
  const taken = new Map<string, Owned<Option>>();
  const merged: Option[] = [];
  for (const { plugin, value: options } of lists) {
    for (const option of options) {
      claim(taken, "option", `${path} --${option.name}`, { plugin, value: option });
      if (option.short !== undefined) {
        claim(taken, "option", `${path} -${option.short}`, { plugin, value: option });
      }
      merged.push(option);
    }
  }
  return merged;
}

function collectErrors(plugins: readonly Plugin[]): ReadonlyMap<string, ErrorDefinition> {
  const all = new Map<string, ErrorDefinition>(Object.entries(coreErrors));
  for (const plugin of plugins) {
    for (const [code, definition] of Object.entries(plugin.errors ?? {})) {
      all.set(`${plugin.name}/${code}`, definition);
    }
  }
  return all;
}
