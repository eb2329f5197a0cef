/** The built-in plugins, in the order of their start. */

import type { PluginFactory } from "../core/mod.ts";
import { config } from "./config/mod.ts";
import { doctor } from "./doctor/mod.ts";
import { emulator } from "./emulator/mod.ts";
import { login } from "./login/mod.ts";
import { proxy } from "./proxy/mod.ts";
import { rdp } from "./rdp/mod.ts";
import { sshCommands } from "./ssh/mod.ts";
import { targetLists } from "./targets/mod.ts";
import { tunnel } from "./tunnel/mod.ts";
import { ws } from "./ws/mod.ts";

export const defaults: readonly PluginFactory[] = [
  // First: what the program is for.
  tunnel,
  // The same without a port, for programs that bring their own pipes.
  proxy,
  // ssh goes by proxy.
  sshCommands,
  // A tunnel, and the program that shows the desktop behind it.
  rdp,
  // A second way for its bytes, behind --transport.
  ws,
  // Where one can go, and by which host.
  targetLists,
  // What the user has set, and where.
  config,
  // Who one is in Azure.
  login,
  // What is wrong with any of the above.
  doctor,
  // Last: it stands in for Azure, and nothing depends on it.
  emulator,
];
