/** The options that every command has. */

import type { Option } from "../core/plugin/plugin.ts";

export const globalOptions: readonly Option[] = [
  {
    name: "config",
    type: "path",
    placeholder: "FILE",
    summary: "Read settings from FILE in place of the config file",
  },
  {
    name: "profile",
    type: "string",
    placeholder: "NAME",
    summary: "Use the settings of the config file's profile NAME",
  },
  {
    name: "credential",
    type: "choice",
    placeholder: "NAME",
    choices: { from: "credentials" },
    summary: "Sign in to Azure with this credential, and no other",
  },
  {
    name: "token-command",
    type: "string",
    placeholder: "CMD",
    summary: "Sign in to Azure with the access token that CMD prints",
  },
  {
    name: "cloud",
    type: "string",
    placeholder: "NAME",
    summary: "Use the Azure cloud NAME; the config file can describe more of them",
  },
  {
    name: "ca-file",
    type: "path",
    placeholder: "FILE",
    summary: "Trust the certificates in FILE (PEM) as well as the system's",
  },
  { name: "no-az-cache", type: "boolean", summary: "Do not look into the Azure CLI's cache" },
  { name: "no-cache", type: "boolean", summary: "Keep no tokens and no lookups on disk" },
  {
    name: "refresh",
    type: "boolean",
    summary: "Look everything up anew, whatever is still known from before",
  },
  { name: "no-input", type: "boolean", summary: "Ask nothing; fail, and name the flag" },
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

/** What must be known of them before the command is. */
export interface GlobalSettings {
  readonly json: boolean;
  readonly quiet: boolean;
  readonly verbose: boolean;
  readonly debug: boolean;
  readonly color: boolean;
  readonly version: boolean;
  readonly noInput: boolean;
  /** Absolute. */
  readonly config?: string;
  readonly profile?: string;
  /** Absolute. */
  readonly logFile?: string;
}
