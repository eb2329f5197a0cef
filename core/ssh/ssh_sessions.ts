/**
 * SSH sessions on a VM, which the ssh plugin offers to other plugins.
 *
 * @example A plugin that runs a command.
 * ```ts
 * import type { Command, PluginFactory, ServiceKey, SshSessions } from "../../core/mod.ts";
 *
 * const sessions: ServiceKey<SshSessions> = { name: "ssh" };
 * // requires: [sessions], and in a handler:
 * //   await using session = await (await ctx.service(sessions)).open({ target });
 * //   const channel = await session.exec("uptime");
 * ```
 */

import type { OptionValues } from "../plugin/plugin.ts";
import type { Secret } from "../secret.ts";
import type { Target } from "../target/target.ts";
import type { ByteSource } from "../tunnel/adaptive_reader.ts";
import type { ByteStream } from "../tunnel/tunnel_request.ts";

/** The service `ssh`. */
export interface SshSessions {
  /**
   * Connects, checks the host's key, and signs in.
   * @throws BastionError with the ssh plugin's codes, the sign-in's and the tunnel's
   */
  open(request: SshSessionRequest): Promise<SshSession>;
}

/** Everything but the target has the default that it has in `bastion ssh`. */
export interface SshSessionRequest {
  readonly target: Target;
  readonly user?: string;
  /** As `--auth-type`: the name of a sign-in. */
  readonly authType?: string;
  /** As `--ssh-key`. */
  readonly key?: string;
  readonly password?: Secret;
  readonly client?: "native" | "builtin";
  /** The ssh to start, in place of the first on PATH. */
  readonly sshPath?: string;
  readonly hostKeyCheck?: "accept-new" | "strict" | "off";
  readonly knownHosts?: string;
  /**
   * The command's own ({@linkcode Invocation.options}): what the user has set for the program as a
   * whole (`--profile`, `--credential`, …) counts for the run of ours that OpenSSH goes by, too.
   */
  readonly options?: OptionValues;
  /** Ends the session. */
  readonly signal?: AbortSignal;
}

/** Open until it is closed, or the way to the VM is lost. Disposing of it closes it, and all in it. */
export interface SshSession extends AsyncDisposable {
  /** Runs a command: a line for the VM's shell, as it stands. */
  exec(command: string): Promise<SshChannel>;
  /**
   * Words as a line for `exec`, quoted for the VM's shell (also cmd.exe and PowerShell), which is
   * asked what it is the first time.
   * @throws BastionError `ssh/remote-words-odd` for what that shell cannot be told
   */
  commandLine(words: readonly string[]): Promise<string>;
  openSftp(): Promise<Sftp>;
  /**
   * A connection to a port that the VM can reach. Where there is none it is `forward` that fails, or
   * the first read (by OpenSSH). `closeWrite` leaves the other way open; the far side's end may be
   * the end of both (by OpenSSH).
   */
  forward(host: string, port: number): Promise<ByteStream>;
  close(): Promise<void>;
}

/**
 * A command's stdin and stdout, and `close` ends it. Both outputs must be read, or the command waits.
 * A command that ends without having read its input refuses writes; `ended` tells how it did.
 */
export interface SshChannel extends ByteStream {
  readonly stderr: ByteSource;
  /** @throws BastionError where the way to the VM was lost first */
  readonly ended: Promise<SshExit>;
}

/** One of the two is there. */
export interface SshExit {
  readonly code?: number;
  /** Without `SIG`: `TERM`, `KILL`; empty where it is not known which (OpenSSH does not tell). */
  readonly signal?: string;
}

/**
 * Files of the VM, as version 3 of the protocol has them: paths are the server's, with `/`.
 * Failures are errors of the ssh plugin, with the server's reason.
 */
export interface Sftp extends AsyncDisposable {
  /**
   * What a user has written for a path on the VM as the server wants it, absolute: `~`, what is
   * relative to the user's directory, and on Windows `C:\Users\ada`.
   * @throws BastionError `ssh/remote-path-odd` for shares of Windows' (`\\server\share`), and `C:x`
   */
  pathOf(written: string): Promise<string>;
  open(path: string, mode: SftpOpenMode): Promise<SftpFile>;
  stat(path: string): Promise<SftpAttributes>;
  /** Of a symbolic link itself. */
  lstat(path: string): Promise<SftpAttributes>;
  setAttributes(path: string, attributes: SftpChanges): Promise<void>;
  /** Without `.` and `..`; names are whatever the server says, and must not be trusted as paths. */
  list(path: string): Promise<readonly SftpEntry[]>;
  makeDirectory(path: string): Promise<void>;
  removeDirectory(path: string): Promise<void>;
  remove(path: string): Promise<void>;
  /** In place of a file that is there, where the server can (OpenSSH's extension); else it fails. */
  rename(from: string, to: string): Promise<void>;
  realPath(path: string): Promise<string>;
  readLink(path: string): Promise<string>;
  /** Makes the link `path`, which leads to `target`. */
  makeLink(path: string, target: string): Promise<void>;
}

/** `write` makes the file empty, or new; `resume` leaves what is there; `create` refuses it. */
export type SftpOpenMode = "read" | "write" | "resume" | "create";

export interface SftpFile extends AsyncDisposable {
  /** Bytes from `at` on, into `into`: how many, or null at the end. Several may run at once. */
  read(into: Uint8Array, at: number): Promise<number | null>;
  /** All of `bytes`. Several may run at once. */
  write(bytes: Uint8Array, at: number): Promise<void>;
  setAttributes(attributes: SftpChanges): Promise<void>;
}

export interface SftpAttributes {
  readonly kind: "file" | "directory" | "link" | "other";
  /** Bytes. */
  readonly size: number;
  /** The permission bits, as 0o644. */
  readonly mode: number;
  /** Milliseconds since 1970; the protocol has whole seconds. */
  readonly accessed: number;
  readonly modified: number;
}

/** The protocol sets both times at once: the one that is left out becomes what the other is. */
export type SftpChanges = Partial<Omit<SftpAttributes, "kind">>;

export interface SftpEntry {
  readonly name: string;
  readonly attributes: SftpAttributes;
}
