/** `bastion config`: where the user's settings come from, and whether the file is right. */

import type { Command, PluginFactory } from "../../core/mod.ts";

const commands: readonly Command[] = [
  {
    path: "config path",
    summary: "Print where the config file is",
    options: [],
    examples: [{ text: "Look at it", command: 'cat "$(bastion config path)"' }],
    ignoresConfig: true,
    handler: () => import("./path.ts"),
  },
  {
    path: "config show",
    summary: "Print every setting, and where its value comes from",
    description: "A flag goes before a BASTION_ variable, that before the config file's profile, " +
      "that before the rest of the file, and that before the default.",
    args: [{
      name: "COMMAND",
      summary: "A command (in quotes, where it has several words): its options, with defaults",
    }],
    options: [],
    examples: [
      { text: "What is set", command: "bastion config show" },
      { text: "What a tunnel would use", command: "bastion config show tunnel" },
    ],
    handler: () => import("./show.ts"),
  },
  {
    path: "config check",
    summary: "Check the config file",
    options: [],
    examples: [{ text: "Name every line that is wrong", command: "bastion config check" }],
    ignoresConfig: true,
    handler: () => import("./check.ts"),
  },
];

export const config: PluginFactory = () => ({
  name: "config",
  version: "1.0.0",
  apiVersion: 1,
  commands,
});
