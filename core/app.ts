/**
 * The composition root: plugins and the user's settings become a running app. Everything that costs
 * time (trust store, cloud, credential, Resource Manager) is made when it is first asked for.
 */

import { chooseCredential } from "./auth/azure/chain.ts";
import type { AzureCredential } from "./auth/azure/credential.ts";
import { environmentCredential } from "./auth/azure/environment_credential.ts";
import type { ArmClient } from "./azure/arm_client.ts";
import type { Cloud } from "./azure/cloud.ts";
import { loadCloud, publicCloud } from "./azure/clouds.ts";
import type { Clock } from "./clock.ts";
import { BastionError, bastionError, describeError, messageOf } from "./errors.ts";
import { createLogger, type LogSink } from "./logger.ts";
import { createDialer, type Dialer } from "./net/dial.ts";
import { createHttpClient, type HttpClient } from "./net/http_client.ts";
import { proxyFromEnvironment } from "./net/proxy.ts";
import { loadTrust } from "./net/trust.ts";
import type { Platform } from "./platform.ts";
import { createHookRunner, type HookRunner } from "./plugin/hook_runner.ts";
import type { Prompt } from "./prompt.ts";
import type { Command, Plugin, PluginContext, PluginFactory } from "./plugin/plugin.ts";
import { createRegistry, type Registry } from "./plugin/registry.ts";
import { createServiceHost } from "./plugin/service_host.ts";
import { startPlugin } from "./plugin/start_plugin.ts";
import { type Foreground, spawnForUser } from "./spawn.ts";
import { resolveTarget } from "./target/resolve.ts";
import { Gate } from "./tunnel/gate.ts";
import { type Journal, openJournal } from "./tunnel/journal.ts";
import { OwedDeletes } from "./tunnel/owed_deletes.ts";
import { deleteSession, openSession } from "./tunnel/session.ts";
import { openTunnel, type Tunnel } from "./tunnel/tunnel.ts";
import type { TunnelRequest } from "./tunnel/tunnel_request.ts";
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
}

/** What the user sets for every command. */
export interface Settings {
  /** A PEM file of `--ca-file`. */
  readonly caFile?: string;
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

/** Handshakes in flight at most; the others wait in order. */
const HANDSHAKES = 32;
/** For what a killed run left, the end of the program waits so long, in ms. */
const RECOVERY_TIMEOUT = 5_000;

/** @throws BastionError `plugin-…` */
export async function startApp(options: AppOptions): Promise<App> {
  const { platform, clock, signal } = options;
  const log = createLogger("core", options.sink);
  let settings: Settings = {};
  // deno-lint-ignore prefer-const -- the doors that factories are handed look at it before it is set
  let registry: Registry | undefined;
  // deno-lint-ignore prefer-const -- likewise
  let hooks: HookRunner | undefined;
  const contexts = new Map<string, PluginContext>();
  const tunnels = new Set<Tunnel>();
  const gate = new Gate(HANDSHAKES);

  const cloud = once(async (): Promise<Cloud> => {
    const file = platform.env("BASTION_CLOUD_FILE");
    return file ? await loadCloud(absolute(file, options.cwd)) : publicCloud;
  });

  const net = once(async (): Promise<{ dial: Dialer; http: HttpClient }> => {
    const { name, caFile } = await cloud();
    const trust = await loadTrust([
      ...(settings.caFile ? [{ source: "--ca-file", file: settings.caFile }] : []),
      ...(caFile ? [{ source: `the cloud ${name}`, file: caFile }] : []),
    ], platform.env);
    const proxyFor = proxyFromEnvironment(platform.env);
    log.debug("trust", { sources: trust.sources });
    return { dial: createDialer(trust, proxyFor), http: createHttpClient(trust, proxyFor) };
  });

  const http: HttpClient = {
    request: async (request) => (await net()).http.request(request),
    close: () => {},
  };

  const credential = once(async (): Promise<AzureCredential> => {
    const { env } = platform;
    const source = { cloud: await cloud(), http, log, clock, platform, memoryOnly: false, env };
    return await chooseCredential(started().credentials.values(), source, clock);
  });

  const arm = once(async (): Promise<ArmClient> => {
    const { createArmClient } = await import("./azure/arm_client.ts");
    return createArmClient(await cloud(), await credential(), http, log);
  });

  const inventory = once(async () => {
    const { createInventory } = await import("./azure/create_inventory.ts");
    return createInventory(await arm());
  });

  const recoveryLimit = new AbortController();
  let recovering: Promise<void> | undefined;
  const journal = once(async (): Promise<Journal> => {
    const opened = await openJournal(`${platform.stateDirectory}/sessions`, platform, log);
    // What a killed run left is deleted meanwhile; only the program's end waits for it.
    recovering = opened.recover((key) => deleteSession(key, { http, log }, recoveryLimit.signal))
      .catch((error) => log.debug("recovery", { problem: messageOf(error) }));
    return opened;
  });

  const owed = new OwedDeletes((key) => deleteSession(key, { http, log }), clock);

  async function open(asked: TunnelRequest): Promise<Tunnel> {
    const runner = hooksOf();
    const request = await runner.prepareTunnel(asked);
    await runner.authorizeTunnel(request);
    const name = request.transport ?? "webtunnel";
    const transport = started().transports.get(name);
    if (!transport) {
      throw bastionError("usage", {
        problem: `There is no transport ${name}.`,
        remedy: `These are known: ${started().choices("transports").join(", ")}.`,
      });
    }
    const { audience } = await cloud();
    const { dial } = await net();
    const own = await credential();
    const sessions = await journal();
    const tunnel = openTunnel(request, {
      clock,
      log,
      platform,
      dial,
      transport,
      gate,
      getToken: (signal, fresh) => own.getToken(`${audience}/.default`, { signal, fresh }),
      openSession: (target, token, signal, repeat) =>
        openSession(target, token, { http, journal: sessions, owed, clock, log }, signal, repeat),
      describeError,
      observe: {
        tunnelOpened: (event) => runner.observe("tunnelOpened", event),
        connectionOpened: (event) => runner.observe("connectionOpened", event),
        connectionFailed: (event) => runner.observe("connectionFailed", event),
        connectionClosed: (event) => runner.observe("connectionClosed", event),
        tunnelClosed: (event) => runner.observe("tunnelClosed", event),
      },
    });
    tunnels.add(tunnel);
    tunnel.ended.finally(() => tunnels.delete(tunnel));
    return tunnel;
  }

  function contextFor(plugin: string): PluginContext {
    return {
      log: createLogger(plugin, options.sink),
      clock,
      platform,
      signal,
      cwd: options.cwd,
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
      inventory,
      prompt: options.prompt,
      resolve: (request) => resolveTarget({ signal, ...request }, { arm, http, env: platform.env }),
      openTunnel: open,
      spawn: (command, spawning = {}) => spawnForUser(command, spawning, options.foreground, clock),
    };
  }

  function context(plugin: string): PluginContext {
    let made = contexts.get(plugin);
    if (!made) contexts.set(plugin, made = contextFor(plugin));
    return made;
  }

  function started(): Registry {
    if (!registry) throw new TypeError("a plugin's factory used what exists only after the start");
    return registry;
  }

  function hooksOf(): HookRunner {
    if (!hooks) throw new TypeError("a plugin's factory used what exists only after the start");
    return hooks;
  }

  const core: Plugin = {
    name: "core",
    version: "1.0.0",
    apiVersion: 1,
    credentials: [environmentCredential],
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
  registry = createRegistry(plugins);
  hooks = createHookRunner({
    plugins: plugins.map((plugin) => ({ plugin, context: context(plugin.name) })),
    clock,
    log,
  });
  const runner = hooks;

  return {
    registry,
    configure(given) {
      settings = given;
    },
    context,
    async stop() {
      await Promise.all([...tunnels].map((tunnel) => tunnel.stop()));
      await owed.close();
      await runner.settle();
      await runner.stop();
      const cancel = clock.after(RECOVERY_TIMEOUT, () => recoveryLimit.abort());
      await recovering;
      cancel();
      (await journal.value)?.close();
      (await net.value)?.http.close();
    },
  };
}

interface Once<Value> {
  (): Promise<Value>;
  /** What was made, once it has been asked for. */
  readonly value: Promise<Value> | undefined;
}

/** Made when first asked for; what failed is tried again when next asked for. */
function once<Value>(make: () => Promise<Value>): Once<Value> {
  let value: Promise<Value> | undefined;
  const get = () => {
    value ??= make().catch((error) => {
      value = undefined;
      throw error;
    });
    return value;
  };
  return Object.defineProperty(get, "value", { get: () => value }) as Once<Value>;
}

function absolute(path: string, cwd: string): string {
  return /^([\\/]|[a-z]:[\\/])/i.test(path) ? path : `${cwd}/${path}`;
}
