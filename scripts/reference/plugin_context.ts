/** A context in which the built-in plugins' factories run, to be asked what they contribute. */

import type { PluginContext } from "../../core/mod.ts";
import { systemClock } from "../../core/clock.ts";
import { noPrompt } from "../../core/no_prompt.ts";
import { createLogger } from "../../core/logger.ts";
import { createPlatform } from "../../core/platform.ts";
import { createTerminal } from "../../core/terminal.ts";

/** Nothing behind its doors: a factory that needs more than this at its start does too much there. */
export function barePluginContext(): PluginContext {
  const closed = (door: string) => (): never => {
    throw new Error(`a plugin's factory must do without ${door}: it runs at every start`);
  };
  const platform = createPlatform("linux", () => undefined);
  return {
    log: createLogger("reference", () => {}),
    clock: systemClock,
    platform,
    signal: new AbortController().signal,
    cwd: "/",
    config: {},
    commands: new Map(),
    http: { request: closed("http"), close: () => {} },
    selfCommand: closed("selfCommand"),
    error: (code) => new Error(code),
    describeError: closed("describeError"),
    service: closed("services"),
    credential: closed("a credential"),
    signIn: closed("sign-ins"),
    lock: closed("locks"),
    secret: closed("secrets"),
    accounts: closed("accounts"),
    inventory: closed("the inventory"),
    prompt: noPrompt,
    resolve: closed("targets"),
    openTunnel: closed("tunnels"),
    findProgram: closed("other programs"),
    diagnose: closed("checks"),
    spawn: closed("other programs"),
    start: closed("other programs"),
    listenPrivately: closed("sockets"),
    listen: closed("local ports"),
    openStdio: closed("stdin and stdout"),
    terminal: createTerminal(platform, systemClock),
  };
}
