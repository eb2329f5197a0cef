/**
 * The composition root: plugins and the user's settings become a running app. Everything that costs
 * time (trust store, cloud, credential, Resource Manager) is made when it is first asked for.
 */

import { builtInCredentials } from "./auth/azure/built_in_credentials.ts";
import { builtInSignIns } from "./auth/vm/built_in_sign_ins.ts";
import { openSignIn } from "./auth/vm/open_sign_in.ts";
import { createAzureDoors } from "./azure_doors.ts";
import type { Clock } from "./clock.ts";
import { createDoctor } from "./doctor/create_doctor.ts";
import { createRecentLog } from "./doctor/recent_log.ts";
import { BastionError, describeError } from "./errors.ts";
import { withFileLock } from "./file_lock.ts";
import { findProgram } from "./find_program.ts";
import { createLogger, type LogSink } from "./logger.ts";
import { openLocalPort } from "./net/local_port.ts";
import type { Platform } from "./platform.ts";
import { createHookRunner, type HookRunner } from "./plugin/hook_runner.ts";
import type {
  Command,
  OptionValues,
  Plugin,
  PluginContext,
  PluginFactory,
} from "./plugin/plugin.ts";
import { createRegistry, type Registry } from "./plugin/registry.ts";
import { createServiceHost } from "./plugin/service_host.ts";
import { startPlugin } from "./plugin/start_plugin.ts";
import type { Prompt } from "./prompt.ts";
import { createQuestions } from "./questions.ts";
import { Secret } from "./secret.ts";
import type { Settings } from "./settings.ts";
import { type Foreground, spawnForUser } from "./spawn.ts";
import { startProgram } from "./start_program.ts";
import type { ResolveDoors } from "./target/resolve_doors.ts";
import { createStdioStream } from "./stdio_stream.ts";
import { createTerminal } from "./terminal.ts";
import { createTunnels } from "./tunnels.ts";
import { createWebTunnel } from "./tunnel/webtunnel/webtunnel.ts";

export interface AppOptions {
  readonly factories: readonly PluginFactory[];
  readonly platform: Platform;
  readonly clock: Clock;
  /** The user's directory: relative paths are relative to it. */
  readonly cwd: string;
  readonly sink: LogSink;
  /** Program and leading arguments that start ourselves. */
  readonly selfCommand: readonly [string, ...string[]];
  readonly foreground: Foreground;
  readonly prompt: Prompt;
  /** Aborts when the program is to end. */
  readonly signal: AbortSignal;
  /** Of the program, for the doctor; none where another program embeds us. */
  readonly version?: string;
}

export interface App {
  readonly registry: Registry;
  /** Once, after parsing, before a handler runs. */
  configure(settings: Settings): void;
  /** The context that the plugin of that name is handed. */
  context(plugin: string): PluginContext;
  /** Ends tunnels, sessions and plugins, in bounded time. */
  stop(): Promise<void>;
}

/** @throws BastionError `plugin-…` */
export async function startApp(options: AppOptions): Promise<App> {
  const { platform, clock, signal } = options;
  const recent = createRecentLog(options.sink);
  const log = createLogger("core", recent.sink);
  let settings: Settings = {};
  /** The doors that factories are handed look at these before they are set. */
  const late: { registry?: Registry; hooks?: HookRunner } = {};
  const contexts = new Map<string, PluginContext>();
  const questions = createQuestions(options.prompt, clock);
  const terminal = createTerminal(platform, clock);

  const azure = createAzureDoors({
    platform,
    clock,
    log,
    cwd: options.cwd,
    settings: () => settings,
    providers: () => started().credentials.values(),
  });
  const { net, http, credential, accounts, inventory, lookups } = azure;
  const tunnels = createTunnels({
    platform,
    clock,
    log,
    azure,
    registry: started,
    hooks: hooksOf,
  });

  const resolveDoors: ResolveDoors = {
    http,
    inventory,
    lookups,
    env: platform.env,
    get prompt() {
      return questions.prompt;
    },
    get aliases() {
      return settings.aliases ?? new Map();
    },
    get resolvers() {
      return [...started().targetResolvers.values()].map(({ plugin, value }) => ({
        plugin,
        name: value.name,
        resolve: (word: string, signal?: AbortSignal) =>
          value.resolve(word, context(plugin), signal),
      }));
    },
    defaultSubscription: async () => await (await accounts()).defaultSubscription(),
  };

  const doctor = createDoctor({
    ...options,
    log,
    recent,
    azure,
    tunnels,
    resolveDoors,
    registry: started,
    context,
  });

  function contextFor(plugin: string): PluginContext {
    return {
      log: createLogger(plugin, recent.sink),
      clock,
      platform,
      signal,
      cwd: options.cwd,
      get config(): OptionValues {
        // A factory cannot have it: what the file may say is known only after the start.
        const { configSchema = [] } = started().plugins.find(({ name }) => name === plugin) ?? {};
        const given = settings.plugins?.get(plugin);
        return Object.fromEntries(configSchema.map((option) => [
          option.name,
          given?.[option.name] ?? ("default" in option ? option.default : undefined),
        ]));
      },
      get commands(): ReadonlyMap<string, Command> {
        return started().commands;
      },
      http,
      selfCommand: (args) => [...options.selfCommand, ...args],
      error(code, params = {}, cause) {
        const definition = started().errors.get(code);
        if (!definition) return new TypeError(`no plugin declares the error ${code}`, { cause });
        return new BastionError(code, definition, params, cause);
      },
      describeError,
      service: (key) => services.get(key, plugin),
      credential,
      signIn: (name, request) => openSignIn(name, request, started().signIns, context),
      lock: (file, work) => withFileLock(file, work, { clock, signal }),
      secret: (value) => new Secret(value),
      accounts,
      inventory,
      prompt: questions.prompt,
      async resolve(request) {
        const { resolveTarget } = await import("./target/resolve.ts");
        return await resolveTarget({ signal, ...request }, resolveDoors);
      },
      openTunnel: tunnels.open,
      listen: (port, bind) => openLocalPort(port, bind, { platform, clock, log }),
      diagnose: (request) => doctor({ signal, ...request }),
      findProgram: (name) => findProgram(name, platform, platform.programDirectories),
      terminal,
      openStdio: () => createStdioStream({ stdin: Deno.stdin, stdout: Deno.stdout, clock }),
      spawn: (command, spawning = {}) => spawnForUser(command, spawning, options.foreground, clock),
      start: (command, starting = {}) => startProgram(command, starting, clock),
      async listenPrivately(directory, serve) {
        const { listenPrivately } = await import("./net/listen_privately.ts");
        return await listenPrivately(directory, serve, platform);
      },
    };
  }

  function context(plugin: string): PluginContext {
    let made = contexts.get(plugin);
    if (!made) contexts.set(plugin, made = contextFor(plugin));
    return made;
  }

  function started(): Registry {
    if (!late.registry) {
      throw new TypeError("a plugin's factory used what exists only after the start");
    }
    return late.registry;
  }

  function hooksOf(): HookRunner {
    if (!late.hooks) {
      throw new TypeError("a plugin's factory used what exists only after the start");
    }
    return late.hooks;
  }

  const core: Plugin = {
    name: "core",
    version: "1.0.0",
    apiVersion: 1,
    credentials: builtInCredentials,
    signIns: builtInSignIns(azure.cloud),
    transports: [createWebTunnel()],
  };
  const services = createServiceHost({
    get services() {
      return started().services;
    },
  }, context);
  const plugins = [core];
  for (const factory of options.factories) {
    plugins.push(await startPlugin(factory, contextFor, clock));
  }
  const registry = late.registry = createRegistry(plugins);
  const runner = late.hooks = createHookRunner({
    plugins: plugins.map((plugin) => ({ plugin, context: context(plugin.name) })),
    clock,
    log,
    asked: questions.asked,
  });
  return {
    registry,
    configure(given) {
      settings = given;
    },
    context,
    async stop() {
      await tunnels.stop();
      await runner.settle();
      await runner.stop();
      await tunnels.close();
      (await net.value)?.http.close();
    },
  };
}
