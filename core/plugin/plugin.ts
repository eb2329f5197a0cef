/**
 * What a plugin is: a plain object from a factory, with *contributions* by name and *hooks*.
 *
 * A plugin imports types only from the core; every value comes from its {@linkcode PluginContext}.
 * So a built-in has no door that a stranger lacks, and a compiled program can load a stranger.
 *
 * @example The smallest plugin: a veto.
 * ```ts
 * import type { PluginFactory } from "../../core/mod.ts";
 *
 * const officeHours: PluginFactory = () => ({
 *   name: "office-hours",
 *   version: "1.0.0",
 *   apiVersion: 1,
 *   hooks: {
 *     authorizeTunnel: (_tunnel, ctx) =>
 *       ctx.clock.date().getHours() < 8 ? { deny: "come back at eight" } : "allow",
 *   },
 * });
 * ```
 */

import type { Accounts } from "../auth/azure/accounts.ts";
import type { AzureCredential, CredentialProvider } from "../auth/azure/credential.ts";
import type { VmSignIn, VmSignInProvider, VmSignInRequest } from "../auth/vm/sign_in.ts";
import type { Inventory } from "../azure/inventory.ts";
import type { Clock } from "../clock.ts";
import type { Configuration } from "../config/configuration.ts";
import type { Check, Diagnosis, DiagnosisRequest } from "../doctor/check.ts";
import type { ErrorCatalogue, ExitKind } from "../error_catalogue.ts";
import type { ErrorDescription } from "../errors.ts";
import type { Logger } from "../logger.ts";
import type { HttpClient } from "../net/http_client.ts";
import type { PrivateListener } from "../net/listen_privately.ts";
import type { LocalPort } from "../net/local_port.ts";
import type { Platform } from "../platform.ts";
import type { Prompt } from "../prompt.ts";
import type { Secret } from "../secret.ts";
import type { SpawnOptions } from "../spawn.ts";
import type { StartedProgram, StartOptions } from "../start_program.ts";
import type { StdioStream } from "../stdio_stream.ts";
import type { Target, TargetRequest } from "../target/target.ts";
import type { Terminal } from "../terminal.ts";
import type { ConnectionSettings } from "../tunnel/connection_options.ts";
import type { Transport } from "../tunnel/transport.ts";
import type { Tunnel } from "../tunnel/tunnel.ts";
import type { ByteStream, TunnelRequest } from "../tunnel/tunnel_request.ts";
import type { Hooks } from "./hooks.ts";

/** The version of this contract; a plugin made for another one is refused. */
export type ApiVersion = 1;

/** Makes the plugin; it is the plugin's start. A rejection keeps the whole program from starting. */
export type PluginFactory = (ctx: PluginContext) => Plugin | Promise<Plugin>;

export interface Plugin {
  /** Lower-case words with hyphens; unique; prefixes the plugin's error codes. */
  readonly name: string;
  readonly version: string;
  readonly apiVersion: ApiVersion;
  /** Services without which the plugin's commands are hidden. */
  readonly requires?: readonly ServiceKey<unknown>[];
  readonly commands?: readonly Command[];
  readonly commandExtensions?: readonly CommandExtension[];
  /** What the config file may say under `plugins: NAME:`; found in {@linkcode PluginContext.config}. */
  readonly configSchema?: readonly Option[];
  readonly credentials?: readonly CredentialProvider[];
  /** Ways to enter the VM, by their `--auth-type`. */
  readonly signIns?: readonly VmSignInProvider[];
  readonly targetResolvers?: readonly TargetResolver[];
  readonly transports?: readonly Transport[];
  readonly services?: readonly Service[];
  /** What `bastion doctor` looks at besides, behind the core's checks. */
  readonly checks?: readonly Check[];
  /** Codes are written without the prefix here and with it (`name/code`) everywhere else. */
  readonly errors?: ErrorCatalogue;
  readonly hooks?: Hooks;
}

/** What hooks, services and handlers are handed: the core's doors. */
export interface PluginContext {
  readonly log: Logger;
  readonly clock: Clock;
  readonly platform: Platform;
  /** Aborts when the program is to end. */
  readonly signal: AbortSignal;
  /** The user's working directory; relative paths of the user are relative to it. */
  readonly cwd: string;
  /** Every command of every plugin, by path. */
  readonly commands: ReadonlyMap<string, Command>;
  /** The plugin's own part of the config file, by its `configSchema`; not there yet at its start. */
  readonly config: OptionValues;
  /** HTTP with the user's proxy and CAs; errors and logs of it are redacted. */
  readonly http: HttpClient;
  /** How to start this very program with `args`: the program, then its arguments. */
  selfCommand(args: readonly string[]): readonly [string, ...string[]];
  /** An error of this plugin's catalogue (or of the core's), filled in, for throwing. */
  error(
    code: string,
    params?: Readonly<Record<string, string | number>>,
    cause?: unknown,
  ): Error;
  /** The code, message and hint of whatever was caught, redacted, for showing. */
  describeError(error: unknown): ErrorDescription;
  /** The one instance of a service that some plugin provides. */
  service<Value>(key: ServiceKey<Value>): Promise<Value>;
  /** The user's Azure credential; its tokens are cached and refreshed. */
  credential(): Promise<AzureCredential>;
  /**
   * What `--auth-type NAME` comes to, for entering a VM; to be disposed of when it is entered no more.
   * @throws BastionError `usage`, and what is missing or wrong
   */
  signIn(name: string, request: VmSignInRequest): Promise<VmSignIn>;
  /**
   * Does `work` while no other process (nor another call of this one) works under the same lock: a
   * file of its own, which is made where it is missing and stays. Its directory must exist.
   * @throws BastionError `file-locked`, `file-failed`
   */
  lock<Value>(file: string, work: () => Promise<Value>): Promise<Value>;
  /** Marks a value as secret: it is redacted from all that is shown, while it lives. */
  secret(value: string): Secret;
  /** Who is signed in by `bastion login`, and the default subscription. */
  accounts(): Promise<Accounts>;
  /** What there is in the user's Azure: subscriptions, bastion hosts, VMs. */
  inventory(): Promise<Inventory>;
  /** Asks the user. Without a terminal, or with `--no-input`, it refuses and names the flag. */
  readonly prompt: Prompt;
  /** Turns what the user named into a target, checked for fitness unless told otherwise. */
  resolve(request: TargetRequest): Promise<Target>;
  /** Opens a tunnel: `prepareTunnel` and `authorizeTunnel` first, then the listener. */
  openTunnel(request: TunnelRequest): Promise<Tunnel>;
  /**
   * Listens on a local port (0: the system chooses), on the loopback addresses of IPv4 and IPv6
   * unless others are given.
   * @throws BastionError `local-port-…`
   */
  listen(port: number, bind?: readonly string[]): LocalPort;
  /** Looks at everything between this computer and a target, and says what is wrong. */
  diagnose(request: DiagnosisRequest): Promise<Diagnosis>;
  /** Full path of a program: on PATH, or where the system keeps such programs. */
  findProgram(name: string): Promise<string | undefined>;
  /** This program's stdin and stdout, for a command that has {@linkcode Command.ownsStdout}. */
  openStdio(): StdioStream;
  /** For sessions that take the user's terminal over. */
  readonly terminal: Terminal;
  /** Runs a program with the user's terminal, to its end. */
  spawn(command: readonly [string, ...string[]], options?: SpawnOptions): Promise<number>;
  /**
   * Starts a program whose streams are the plugin's; it must be disposed of.
   * @throws BastionError `command-not-found`, `command-failed`
   */
  start(command: readonly [string, ...string[]], options?: StartOptions): StartedProgram;
  /**
   * Listens where this user's programs alone can connect, as an ssh agent does.
   * @param directory the plugin's own, of 0700; a socket is made in it, but on Windows
   * @param serve called for each connection, which is closed when it settles
   */
  listenPrivately(
    directory: string,
    serve: (connection: ByteStream) => Promise<void>,
  ): Promise<PrivateListener>;
}

/** {@linkcode PluginContext} for a command's handler: with the user's streams. */
export interface CommandContext extends PluginContext {
  readonly out: Output;
  /** What the user has set, and where. */
  readonly configuration: Configuration;
}

/** The user's streams. Every method redacts, and escapes control characters within a line. */
export interface Output {
  /** True where the user asked for JSON: then `event` and `result` write, `line` does not. */
  readonly json: boolean;
  /** What was asked for, as text, on stdout. Nothing with `--json`. */
  line(text: string): void;
  /** One JSON object on one line, stamped with `time`. Nothing without `--json`. */
  event(name: string, fields?: Readonly<Record<string, unknown>>): void;
  /** The one document of a command that ends by itself. Nothing without `--json`. */
  result(document: unknown): void;
  /** Text on stderr: warnings and what happened on the way. Nothing with `--quiet` or `--json`. */
  notice(text: string): void;
  /** What the user must do for the command to go on, on stderr, with `--quiet` and `--json` too. */
  instruct(text: string): void;
  /**
   * A failure that does not end the program (what was thrown, or its description), with its hint, on
   * stderr. Nothing with `--json`.
   */
  failure(error: unknown, prefix?: string): void;
  /** From here on stdout belongs to a program that we run: `line` and `event` go to stderr. */
  yieldStdout(): void;
}

/** A command, as data: help, completions, reference and parsing all come from it. */
export interface Command {
  /** Words that call it, as `tunnel` or `emulator exec`. */
  readonly path: string;
  /** One line, a verb first, no full stop. */
  readonly summary: string;
  /** Paragraphs for `--help` and the reference. */
  readonly description?: string;
  readonly options: readonly Option[];
  /**
   * The command leads to a target: it takes TARGET as its first word and the options that name
   * targets and bastion hosts, and finds what they come to in {@linkcode Invocation.target}.
   */
  readonly target?: TargetUse;
  readonly args?: readonly Argument[];
  /** Words after `--`, if the command takes them. */
  readonly rest?: { readonly placeholder: string; readonly summary: string };
  readonly examples: readonly { readonly text: string; readonly command: string }[];
  /** Called by programs, not by people: help and reference leave it out. */
  readonly hidden?: true;
  /** Runs even where the config file has errors: it is what helps to mend it. */
  readonly ignoresConfig?: true;
  /**
   * Stdout is for the command's own bytes (a tunnel's, a program's): whatever else there is to say,
   * errors and events with `--json` included, goes to stderr.
   */
  readonly ownsStdout?: true;
  /** The events that the command prints with `--json`, for the reference. */
  readonly events?: Readonly<Record<string, string>>;
  /** Loaded when the command is called, so that start-up stays light. */
  readonly handler: () => Promise<{ run: CommandHandler }>;
}

/** Resolves to the exit code, or to the kind of a failure that was said already; nothing means 0. */
export type CommandHandler = (
  invocation: Invocation,
  ctx: CommandContext,
) => Promise<number | ExitKind | void>;

/** Options on another plugin's command; where `when` says so, its handler takes over. */
export interface CommandExtension {
  readonly command: string;
  readonly options: readonly Option[];
  readonly when: (options: OptionValues) => boolean;
  readonly handler: () => Promise<{ run: CommandHandler }>;
}

/** How a command uses its target. */
export interface TargetUse {
  /** Port on the target where the user names none; without it `--resource-port` is needed. */
  readonly defaultPort?: number;
  /** Whether `USER@` may stand before TARGET. */
  readonly user?: true;
  /** The letter of `--resource-port`, for commands whose users know one. */
  readonly portShort?: string;
  /** Whether the command can do without one. */
  readonly optional?: true;
  /**
   * The command opens connections to it: it takes the options that say how, and finds what they come
   * to in {@linkcode Invocation.connection}. `halfCloseGrace` is its own default, in ms.
   */
  readonly connects?: { readonly halfCloseGrace?: number };
}

/** Knows targets by names of its own. The first resolver that answers wins. */
export interface TargetResolver {
  readonly name: string;
  /** What `word` means: a resource id, an IP address or a name; nothing where it is not known here. */
  resolve(
    word: string,
    ctx: PluginContext,
    signal?: AbortSignal,
  ): Promise<Partial<Omit<TargetRequest, "signal" | "check">> | undefined>;
}

export interface Argument {
  readonly name: string;
  readonly summary: string;
  readonly required?: boolean;
  /**
   * The last one: it takes all words from its first on as they stand, options and `--` included, so
   * that a command line of another program needs no quotes.
   */
  readonly rest?: true;
  /** The last one: it takes all words that are left; options may stand among them. */
  readonly many?: true;
}

/** What options of every type have. */
export interface OptionBase {
  /** Without the dashes, as `resource-port`. */
  readonly name: string;
  /** One letter. */
  readonly short?: string;
  /** One line, no full stop. */
  readonly summary: string;
  /**
   * `BASTION_` and the name in capitals, unless said otherwise; `false` for none, and for no place
   * in the config file either.
   */
  readonly env?: string | false;
  /** One of az's own: may be abbreviated, to a prefix that is unambiguous among az's. */
  readonly az?: true;
  readonly required?: boolean;
  /**
   * Its value is a secret, which must not stand among a program's arguments: anything but `-` (stdin)
   * is refused before it can be logged, with this sentence on what to do instead.
   */
  readonly secret?: string;
}

/** An option by its type; `placeholder` is what help shows for the value. */
export type Option =
  & OptionBase
  & (
    | {
      readonly type: "boolean";
      /** As some of az's: `true` or `false` may follow; `false` is as if it were not given. */
      readonly saysWhich?: true;
    }
    | { readonly type: "string"; readonly placeholder: string; readonly default?: string }
    /** A string that may be given more than once; handed over as a list, in the order given. */
    | { readonly type: "strings"; readonly placeholder: string; readonly default?: undefined }
    /** Relative to the user's directory; handed over absolute. */
    | { readonly type: "path"; readonly placeholder: string; readonly default?: string }
    | {
      readonly type: "integer";
      readonly placeholder: string;
      readonly min: number;
      readonly max: number;
      readonly default?: number;
    }
    /** `90`, `90s`, `15m`, `8h`; handed over as milliseconds. */
    | { readonly type: "duration"; readonly placeholder: string; readonly default?: number }
    | {
      readonly type: "choice";
      readonly placeholder: string;
      readonly choices: readonly string[] | { readonly from: ChoiceSource };
      readonly default?: string;
    }
  );

/** A registry whose names are an option's choices. */
export type ChoiceSource = "transports" | "credentials" | "signIns";

export type OptionValue = string | number | boolean | readonly string[];

/** By the option's name; absent where neither the user nor a default gave a value. */
export type OptionValues = Readonly<Record<string, OptionValue | undefined>>;

/** What the user typed, parsed and checked. */
export interface Invocation {
  readonly options: OptionValues;
  readonly args: readonly string[];
  readonly rest: readonly string[];
  /**
   * What names the target, or where that is optional a bastion host or a subscription alone; for
   * commands that declare {@linkcode Command.target}.
   */
  readonly target?: TargetRequest;
  /** How connections to it are made; for commands that declare {@linkcode TargetUse.connects}. */
  readonly connection?: ConnectionSettings;
  /** The USER of `USER@TARGET`. */
  readonly user?: string;
}

/** Names a service and, by its type parameter, what it is. */
export interface ServiceKey<Value> {
  readonly name: string;
  /** Never present: it carries the type. */
  readonly value?: Value;
}

/** A service has one owner; it is made when first asked for. */
export interface Service<Value = unknown> {
  readonly key: ServiceKey<Value>;
  readonly create: (ctx: PluginContext) => Value | Promise<Value>;
}
