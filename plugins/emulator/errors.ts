import type { ErrorCatalogue, PluginContext } from "../../core/mod.ts";

/** What can go wrong with the emulator, apart from what the core's catalogue has. */
export const errors = {
  "config-unreadable": {
    exit: "configuration",
    message: "The emulator's file {file} cannot be read: {problem}",
    hint: "Check its path and permissions.",
  },
  "config-invalid": {
    exit: "configuration",
    message: "The emulator's file cannot be used: {problem}",
    hint: "{remedy}",
  },
  "listen-not-loopback": {
    exit: "usage",
    message: "The emulator does not listen on {address}.",
    hint:
      "Use --listen 127.0.0.1:PORT (0 lets the system choose): it gives out tokens and shells, so that only this computer may reach it.",
  },
  "listen-failed": {
    exit: "local-port",
    message: "The emulator cannot listen on {address}: {problem}",
    hint: "Choose another port with --listen 127.0.0.1:PORT, or 0 and the system chooses.",
  },
} as const satisfies ErrorCatalogue;

/** Makes the error for a code of the catalogue above, prefixed with `emulator/`. */
export type MakeError = PluginContext["error"];

/** For programs that start the emulator without a plugin host: plain errors, same words. */
export const makePlainError: MakeError = (code, params = {}, cause) => {
  const entry = Object.entries(errors).find(([name]) => code === `emulator/${name}`)?.[1];
  const text = entry ? `${entry.message}\n${entry.hint}` : code;
  return new Error(
    text.replace(/\{(\w+)\}/g, (whole, name) => String(params[name] ?? whole)),
    { cause },
  );
};
