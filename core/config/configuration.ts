/** What the user has set by other means than flags, and where. */

import type { Option, OptionValue } from "../plugin/plugin.ts";
import type { ConfigProblem } from "./config_error.ts";

/** Where a value comes from; `flag` goes before all, `default` behind. */
export type SettingSource =
  | { readonly kind: "flag"; readonly flag: string }
  | { readonly kind: "variable"; readonly variable: string }
  | { readonly kind: "profile"; readonly profile: string; readonly line: number }
  | { readonly kind: "file"; readonly line: number }
  | { readonly kind: "default" };

/** One setting that has a value. */
export interface Setting {
  /** As in the config file: `cloud`, or `defaults`, `tunnel`, `resource-port`. */
  readonly path: readonly string[];
  readonly option: Option;
  readonly value: OptionValue;
  readonly source: SettingSource;
}

export interface Configuration {
  /** The config file, absolute, whether there is one or not. */
  readonly file: string;
  readonly exists: boolean;
  /** The profile that counts. */
  readonly profile?: string;
  /** What is wrong with the file; it is empty where nothing is. */
  readonly problems: readonly ConfigProblem[];
  /** What kept the file from being read at all. */
  readonly failure?: unknown;
  /**
   * Every setting that has a value, those of flags and variables included. Defaults of options are
   * left out, but for those of the command that is named and of every command.
   * @param command its path
   * @throws BastionError `usage` for a variable that cannot be read
   */
  settings(command?: string): readonly Setting[];
}
