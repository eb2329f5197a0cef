/** Finds and reads the config file, as far as that goes without knowing what may stand in it. */

import { isAbsolute } from "node:path";
import { bastionError } from "../errors.ts";
import { nearest } from "../nearest.ts";
import { printable } from "../secret.ts";
import { configError } from "./config_error.ts";
import { type ConfigNode, findNode } from "./config_node.ts";
import { parseConfig } from "./parse_config.ts";
import { readConfigText } from "./read_config_text.ts";

export interface OpenConfigOptions {
  /** Absolute. */
  readonly file: string;
  /** Whether the user named it: then it must exist. */
  readonly asked: boolean;
  /** What the user named; without it the file's own `profile:` counts. */
  readonly profile?: string | undefined;
}

export interface OpenedConfig {
  readonly file: string;
  /** What the file holds; nothing where there is none, or it cannot be read. */
  readonly root?: ConfigNode;
  /** Why not, or why its profile cannot be used: for whoever needs it. */
  readonly failure?: unknown;
  readonly profile?: string;
}

/** Never throws: a broken file must not keep from its mending. */
export async function openConfig(options: OpenConfigOptions): Promise<OpenedConfig> {
  const { file, asked } = options;
  const given = options.profile === undefined ? {} : { profile: options.profile };
  // Without a home the path would be relative, and a stranger's directory could hold a file that
  // names programs to run.
  if (!asked && !isAbsolute(file)) return { file, ...given };
  let root: ConfigNode | undefined;
  try {
    const text = await readConfigText(file, asked);
    root = text === undefined ? undefined : await parseConfig(text, file);
  } catch (failure) {
    return { file, failure, ...given };
  }
  const own = root && findNode(root, ["profile"]);
  const named = options.profile ??
    (own?.value.kind === "scalar" ? own.value.text : undefined);
  if (named === undefined) return { file, ...(root ? { root } : {}) };
  const opened = { file, ...(root ? { root } : {}), profile: named };
  const all = root && findNode(root, ["profiles"])?.value;
  const profiles = all?.kind === "record" ? all.entries.map(({ key }) => key) : [];
  if (profiles.includes(named)) return opened;
  const [near] = nearest(named, profiles);
  const remedy = near !== undefined
    ? `Did you mean ${near}?`
    : profiles.length > 0
    ? `It has: ${profiles.slice(0, 10).join(", ")}.`
    : "It has none; they stand under profiles: NAME:.";
  const shown = printable(named, 60);
  const failure = own && options.profile === undefined
    ? configError(file, { ...own.place, problem: `there is no profile ${shown}`, remedy })
    : bastionError("profile-unknown", { profile: shown, file, remedy: printable(remedy) });
  return { ...opened, failure };
}
