/** `--transport ws`: the library npm:ws, for comparison and as a way round our own client. */

import type { PluginFactory } from "../../core/mod.ts";

export const ws: PluginFactory = (ctx) => ({
  name: "ws",
  version: "1.0.0",
  apiVersion: 1,
  transports: [{
    name: "ws",
    // Heavy: loaded when the first connection is opened.
    connect: async (options) => (await import("./connect.ts")).connect(options, ctx),
  }],
});
