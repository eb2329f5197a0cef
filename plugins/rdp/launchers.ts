/** The programs that open RDP, by system: where they are looked for, and how they are started. */

import type { Platform } from "../../core/mod.ts";

export interface Launcher {
  /** As `--launcher` has it. */
  readonly name: string;
  /** For people. */
  readonly title: string;
  /** Programs on PATH, or full paths, the likeliest first. */
  readonly programs: readonly string[];
  /** Folders of macOS applications, likewise. */
  readonly applications: readonly string[];
  /** It has a window and no use for the terminal: Ctrl-C there is for the tunnel. */
  readonly window: boolean;
  /** It may leave the file to a program that runs already, and end at once. */
  readonly handsOver: boolean;
  /** Exit codes, besides 0, of a session that went well. */
  readonly goodEnds: readonly number[];
  /** The program that was found, with the .rdp file and the user's arguments. */
  start(found: string, file: string, args: readonly string[]): LauncherCommand;
  /** Shows the settings first; where it is missing, the program cannot. */
  configure?(found: string, file: string, args: readonly string[]): LauncherCommand;
}

/** No shell reads it: program and arguments, as they are. */
export type LauncherCommand = readonly [string, ...string[]];

type Surroundings = Pick<Platform, "os" | "env" | "home">;

/** Those of the system, the one to be preferred first. */
export function launchersOf({ os, env, home }: Surroundings): readonly Launcher[] {
  switch (os) {
    case "windows":
      return [mstsc(env("SystemRoot") || "C:\\Windows")];
    case "darwin":
      return [windowsApp(home), xfreerdp];
    case "linux":
      return [xfreerdp, remmina];
  }
}

/** Whether a program could open a window at all. */
export function hasScreen({ os, env }: Surroundings): boolean {
  return os !== "linux" || Boolean(env("DISPLAY") || env("WAYLAND_DISPLAY"));
}

function mstsc(systemRoot: string): Launcher {
  return {
    name: "mstsc",
    title: "Remote Desktop Connection",
    // By its full path: what else is called mstsc on PATH is not Windows'.
    programs: [`${systemRoot}\\System32\\mstsc.exe`],
    applications: [],
    window: true,
    handsOver: false,
    goodEnds: [],
    start: (found, file, args) => [found, file, ...args],
    configure: (found, file, args) => [found, "/edit", file, ...args],
  };
}

/** Microsoft Remote Desktop is what it was called before. */
function windowsApp(home: string): Launcher {
  return {
    name: "windows-app",
    title: "Windows App",
    programs: [],
    applications: ["Windows App.app", "Microsoft Remote Desktop.app"]
      .flatMap((app) => [`/Applications/${app}`, `${home}/Applications/${app}`]),
    window: true,
    handsOver: true,
    goodEnds: [],
    start: (found, file, args) => [
      ...["/usr/bin/open", "-a", found, file] as const,
      ...(args.length > 0 ? ["--args", ...args] : []),
    ],
  };
}

const xfreerdp: Launcher = {
  name: "xfreerdp",
  title: "FreeRDP",
  programs: ["xfreerdp3", "xfreerdp"],
  applications: [],
  // It asks for the password, and about certificates, in the terminal.
  window: false,
  handsOver: false,
  // Disconnected and signed out, by the server's word and by the user's.
  goodEnds: [1, 2, 11, 12],
  start: (found, file, args) => [found, file, ...args],
};

const remmina: Launcher = {
  name: "remmina",
  title: "Remmina",
  programs: ["remmina"],
  applications: [],
  window: true,
  handsOver: true,
  goodEnds: [],
  start: (found, file, args) => [found, "-c", file, ...args],
  configure: (found, file, args) => [found, "-e", file, ...args],
};
