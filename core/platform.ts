/**
 * Every difference between Windows, macOS and Linux, in one place. It is made from plain values,
 * so that one machine's tests can ask all three.
 */

import { browserCommands } from "./browser_commands.ts";
import { unixCommandLine, windowsCommandLine } from "./command_line.ts";
import { bastionError, messageOf } from "./errors.ts";

export type Os = "windows" | "darwin" | "linux";

export interface Platform {
  readonly os: Os;
  env(name: string): string | undefined;
  /** Where this program keeps what it must remember but the user need not see. */
  readonly stateDirectory: string;
  /** Where the user's config file is. */
  readonly configDirectory: string;
  /** Signals that ask the program to end, as far as the system has them. */
  readonly endSignals: readonly Deno.Signal[];
  /** Between the entries of PATH. */
  readonly pathListSeparator: ":" | ";";
  /** Whether files have the permission bits that 0600 and 0700 are about. */
  readonly hasFileModes: boolean;
  /** The user's home directory. */
  readonly home: string;
  /** Windows PowerShell by its full path, and what its environment needs; only asked on Windows. */
  readonly powershell: {
    readonly program: string;
    readonly env: Readonly<Record<string, string>>;
  };
  /**
   * Where a socket is that only this user's programs may connect to.
   * @param directory the user's own (0700)
   */
  privateSocketPath(directory: string): string;
  /** The files that the program `name` may be in, within one directory, the likeliest first. */
  programFiles(name: string): readonly string[];
  /**
   * How a program that was found is started with its arguments.
   * @throws BastionError `command-failed` for arguments that a Windows script cannot be given
   */
  startOf(command: readonly [file: string, ...args: string[]]): ProgramStart;
  /** Where the system and package managers put programs that PATH may not name, as OpenSSH. */
  readonly programDirectories: readonly string[];
  /**
   * A command as one line, quoted, for programs that take it so (ssh's ProxyCommand).
   * @throws BastionError `command-failed` for what cannot be quoted
   */
  commandLine(command: readonly [string, ...string[]]): string;
  /** What shows the user a page, to be tried in order; nothing where there is no screen. */
  browserCommands(url: string): readonly (readonly [string, ...string[]])[];
  /** Ends a program that {@linkcode startOf} started, with what it has started in turn. */
  killTree(child: { readonly pid: number; kill(signal?: Deno.Signal): void }): void;
  /** Tells that the terminal has another size; nothing where no signal does. */
  readonly resizeSignal: Deno.Signal | undefined;
  /** The program that tells and changes the terminal's modes; none where there are no such modes. */
  readonly stty: string | undefined;
  /** What kind of terminal this is, by the name that terminfo has for it. */
  readonly terminalType: string;
  /** Why a local port could not be opened, in the user's words. */
  listenError(error: unknown, address: string, port: number): Error;
}

/** As `Deno.Command` takes it. */
export interface ProgramStart {
  readonly program: string;
  readonly args: string[];
  /** Windows: `args` are the rest of the command line as it stands. */
  readonly windowsRawArguments?: boolean;
  /** Unix: the leader of a process group of its own. */
  readonly detached?: boolean;
}

export function createPlatform(
  os: string,
  env: (name: string) => string | undefined,
): Platform {
  // Whatever is neither Windows nor macOS keeps the habits of Linux (the BSDs do).
  const kind: Os = os === "windows" || os === "darwin" ? os : "linux";
  const windows = kind === "windows";
  return {
    os: kind,
    env,
    stateDirectory: stateDirectory(kind, env),
    configDirectory: configDirectory(kind, env),
    home: home(kind, env),
    powershell: powershell(systemRoot(env)),
    privateSocketPath: (directory) =>
      windows ? `\\\\.\\pipe\\bastion-${crypto.randomUUID()}` : `${directory}/socket`,
    programFiles: (name) => windows ? windowsFiles(name) : [name],
    startOf: ([file, ...args]) =>
      windows ? windowsStart(file, args, systemRoot(env)) : { program: file, args, detached: true },
    programDirectories: programDirectories(kind, env),
    commandLine: windows ? windowsCommandLine : unixCommandLine,
    browserCommands: (url) => browserCommands(kind, env, url),
    killTree: windows ? kill : killGroup,
    // Windows tells a closed console by SIGHUP and Ctrl-Break by SIGBREAK; it has no SIGTERM.
    endSignals: windows ? ["SIGINT", "SIGBREAK", "SIGHUP"] : ["SIGINT", "SIGTERM", "SIGHUP"],
    pathListSeparator: windows ? ";" : ":",
    hasFileModes: !windows,
    resizeSignal: windows ? undefined : "SIGWINCH",
    stty: windows ? undefined : "stty",
    // Windows' console has no name of its own; it understands what xterm does.
    terminalType: env("TERM") || (windows ? "xterm-256color" : "dumb"),
    listenError: (error, address, port) => listenError(kind, error, address, port),
  };
}

function home(os: Os, env: (name: string) => string | undefined): string {
  // Set but empty is as good as not set. Git's shell on Windows has a HOME of its own kind.
  return (os === "windows" ? env("USERPROFILE") : env("HOME")) || ".";
}

function configDirectory(os: Os, env: (name: string) => string | undefined): string {
  const own = home(os, env);
  switch (os) {
    case "windows":
      return `${env("APPDATA") || `${own}\\AppData\\Roaming`}\\bastion`;
    case "darwin":
      return `${own}/Library/Application Support/bastion`;
    case "linux": {
      // The specification has relative paths ignored.
      const given = env("XDG_CONFIG_HOME");
      return given?.startsWith("/") ? `${given}/bastion` : `${own}/.config/bastion`;
    }
  }
}

function stateDirectory(os: Os, env: (name: string) => string | undefined): string {
  switch (os) {
    case "windows":
      return `${env("LOCALAPPDATA") || `${home(os, env)}\\AppData\\Local`}\\bastion`;
    case "darwin":
      return `${home(os, env)}/Library/Application Support/bastion`;
    case "linux": {
      // The specification has relative paths ignored.
      const given = env("XDG_STATE_HOME");
      return given?.startsWith("/") ? `${given}/bastion` : `${home(os, env)}/.local/state/bastion`;
    }
  }
}

function programDirectories(os: Os, env: (name: string) => string | undefined): string[] {
  switch (os) {
    case "windows": {
      const programs = env("ProgramFiles") || "C:\\Program Files";
      const own = `${systemRoot(env)}\\System32\\OpenSSH`;
      return [own, `${programs}\\OpenSSH`, `${programs}\\Git\\usr\\bin`];
    }
    case "darwin":
      return ["/usr/bin", "/opt/homebrew/bin", "/usr/local/bin"];
    case "linux":
      return ["/usr/bin", "/usr/local/bin"];
  }
}

function systemRoot(env: (name: string) => string | undefined): string {
  return env("SystemRoot") || "C:\\Windows";
}

function powershell(root: string): Platform["powershell"] {
  const folder = `${root}\\System32\\WindowsPowerShell\\v1.0`;
  // PowerShell 7 leaves its own modules in the variable, which this one cannot load.
  return { program: `${folder}\\powershell.exe`, env: { PSModulePath: `${folder}\\Modules` } };
}

function windowsFiles(name: string): string[] {
  return /\.(exe|com|cmd|bat)$/i.test(name)
    ? [name]
    : ["exe", "com", "cmd", "bat"].map((end) => `${name}.${end}`);
}

/**
 * `cmd` expands `%NAME%` even between quotes, and has no spelling that every script would take for
 * one argument: what is not plain is refused.
 */
function windowsStart(file: string, args: readonly string[], root: string): ProgramStart {
  if (!/\.(cmd|bat)$/i.test(file)) return { program: file, args: [...args] };
  const odd = args.find((arg) => !/^[\w.:/@,=+-]+$/.test(arg));
  if (odd !== undefined || /["%!^\r\n]/.test(file)) {
    const problem = `${odd === undefined ? "its path" : "an argument"} has characters in it that ` +
      "cannot be handed to a script safely";
    throw bastionError("command-failed", { program: file, problem });
  }
  const line = [`"${file.replaceAll("/", "\\")}"`, ...args].join(" ");
  return {
    program: `${root}\\System32\\cmd.exe`,
    args: ["/d", "/s", "/c", `"${line}"`],
    windowsRawArguments: true,
  };
}

type Killable = Parameters<Platform["killTree"]>[0];

function kill(child: Killable): void {
  try {
    child.kill("SIGKILL");
  } catch {
    // It has ended already.
  }
}

function killGroup(child: Killable): void {
  try {
    Deno.kill(-child.pid, "SIGKILL");
  } catch {
    kill(child);
  }
}

function listenError(os: Os, error: unknown, address: string, port: number): Error {
  if (error instanceof Deno.errors.AddrInUse) {
    return bastionError("local-port-taken", { address, port }, error);
  }
  if (error instanceof Deno.errors.AddrNotAvailable) {
    return bastionError("local-address-unavailable", { address }, error);
  }
  const denied = error instanceof Deno.errors.PermissionDenied;
  // On Windows no port is privileged: WSAEACCES (10013) is a range that Hyper-V or WinNAT took.
  if (os === "windows" && (denied || /\b10013\b/.test(messageOf(error)))) {
    return bastionError("local-port-excluded", { address, port }, error);
  }
  if (denied) return bastionError("local-port-privileged", { address, port }, error);
  return bastionError("local-port-failed", { address, port, problem: messageOf(error) }, error);
}
