/** The options that every command has. */

import type { Option } from "../core/plugin/plugin.ts";

export const globalOptions: readonly Option[] = [
  {
    name: "ca-file",
    type: "path",
    placeholder: "FILE",
    summary: "Trust the certificates in FILE (PEM) as well as the system's",
  },
  { name: "json", type: "boolean", summary: "Print JSON for programs" },
  {
    name: "quiet",
    short: "q",
    type: "boolean",
    summary: "Print only what was asked for, and errors",
  },
  {
    name: "verbose",
    short: "v",
    type: "boolean",
    az: true,
    summary: "Tell what happens, and the causes of errors",
  },
  { name: "debug", type: "boolean", az: true, summary: "Tell everything but secrets" },
  {
    name: "log-file",
    type: "path",
    placeholder: "FILE",
    summary: "Append everything, as JSON lines without secrets, to FILE",
  },
  { name: "no-color", type: "boolean", summary: "Print without colors (NO_COLOR does the same)" },
  {
    name: "help",
    short: "h",
    type: "boolean",
    az: true,
    env: false,
    summary: "Explain the command",
  },
  { name: "version", type: "boolean", env: false, summary: "Print the version" },
];

/** What they come to. */
export interface GlobalSettings {
  readonly json: boolean;
  readonly quiet: boolean;
  readonly verbose: boolean;
  readonly debug: boolean;
  readonly color: boolean;
  readonly version: boolean;
  /** Absolute. */
  readonly caFile?: string;
  /** Absolute. */
  readonly logFile?: string;
}
