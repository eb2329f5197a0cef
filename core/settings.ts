import type { Cloud } from "./azure/cloud.ts";
import type { OptionValues } from "./plugin/plugin.ts";
import type { TargetAlias } from "./target/target_alias.ts";

/** What the user sets for every command. */
export interface Settings {
  /** A PEM file of `--ca-file`. */
  readonly caFile?: string;
  /** Name of the cloud (`--cloud`): a built-in one, or one of {@linkcode clouds}. */
  readonly cloud?: string;
  /** Name of the one credential that may be used (`--credential`). */
  readonly credential?: string;
  /** A command line whose output is a token (`--token-command`). */
  readonly tokenCommand?: string;
  /** Whether the Azure CLI's cache is left alone (`--no-az-cache`). */
  readonly leaveAzCache?: boolean;
  /** Whether tokens and lookups may not be kept on disk (`--no-cache`). */
  readonly memoryOnly?: boolean;
  /** Whether what was looked up before is looked up anew (`--refresh`). */
  readonly refresh?: boolean;
  /** The config file's profile that counts. */
  readonly profile?: string;
  /** The user's names for targets. */
  readonly aliases?: ReadonlyMap<string, TargetAlias>;
  /** Clouds that the config file describes. */
  readonly clouds?: readonly Cloud[];
  /** What the config file says to each plugin, by the plugin's name. */
  readonly plugins?: ReadonlyMap<string, OptionValues>;
}
