/** The built-in plugins, in the order of their start. */

import type { PluginFactory } from "../core/mod.ts";
import { emulator } from "./emulator/mod.ts";
import { tunnel } from "./tunnel/mod.ts";
import { ws } from "./ws/mod.ts";

export const defaults: readonly PluginFactory[] = [
  // First: what the program is for.
  tunnel,
  // A second way for its bytes, behind --transport.
  ws,
  // Last: it stands in for Azure, and nothing depends on it.
  emulator,
];
