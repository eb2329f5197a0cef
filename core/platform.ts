/**
 * Every difference between Windows, macOS and Linux, in one place. It is made from plain values,
 * so that one machine's tests can ask all three.
 */

import { bastionError, messageOf } from "./errors.ts";

export type Os = "windows" | "darwin" | "linux";

export interface Platform {
  readonly os: Os;
  env(name: string): string | undefined;
  /** Where this program keeps what it must remember but the user need not see. */
  readonly stateDirectory: string;
  /** Signals that ask the program to end, as far as the system has them. */
  readonly endSignals: readonly Deno.Signal[];
  /** Between the entries of PATH. */
  readonly pathListSeparator: ":" | ";";
  /** Whether files have the permission bits that 0600 and 0700 are about. */
  readonly hasFileModes: boolean;
  /** Why a local port could not be opened, in the user's words. */
  listenError(error: unknown, address: string, port: number): Error;
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
    // Windows tells a closed console by SIGHUP and Ctrl-Break by SIGBREAK; it has no SIGTERM.
    endSignals: windows ? ["SIGINT", "SIGBREAK", "SIGHUP"] : ["SIGINT", "SIGTERM", "SIGHUP"],
    pathListSeparator: windows ? ";" : ":",
    hasFileModes: !windows,
    listenError: (error, address, port) => listenError(kind, error, address, port),
  };
}

function stateDirectory(os: Os, env: (name: string) => string | undefined): string {
  // Set but empty is as good as not set. Git's shell on Windows has a HOME of its own kind.
  const home = (os === "windows" ? env("USERPROFILE") : env("HOME")) || ".";
  switch (os) {
    case "windows":
      return `${env("LOCALAPPDATA") || `${home}\\AppData\\Local`}\\bastion`;
    case "darwin":
      return `${home}/Library/Application Support/bastion`;
    case "linux": {
      // The specification has relative paths ignored.
      const given = env("XDG_STATE_HOME");
      return given?.startsWith("/") ? `${given}/bastion` : `${home}/.local/state/bastion`;
    }
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
