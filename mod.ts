/**
 * bastion as a library: the types that a plugin is made of, and {@linkcode openTunnel} for programs
 * that carry a tunnel themselves.
 *
 * @example A tunnel to a VM's SSH port, for as long as the block lasts.
 * ```ts
 * import { openTunnel } from "./mod.ts";
 *
 * await using tunnel = await openTunnel({
 *   target: Deno.args[0] ?? "web1",
 *   resourcePort: 22,
 * });
 * const conn = await Deno.connect({ port: tunnel.info.port });
 * const banner = new Uint8Array(256);
 * console.log(new TextDecoder().decode(banner.subarray(0, await conn.read(banner) ?? 0)));
 * conn.close();
 * ```
 *
 * @module
 */

import { startApp } from "./core/app.ts";
import { systemClock } from "./core/clock.ts";
import { noPrompt } from "./core/no_prompt.ts";
import type { LogSink, PluginFactory, Tunnel, TunnelRequest } from "./core/mod.ts";
import { createPlatform } from "./core/platform.ts";

export type * from "./core/mod.ts";

/** What {@linkcode openTunnel} is told. Durations are milliseconds. */
export interface OpenTunnelOptions extends Omit<TunnelRequest, "target" | "port"> {
  /**
   * The target in one word: a VM's name (`[group/]name`, `[group/]scale-set/instance`), a resource
   * id, a private IPv4 address, or what a plugin knows. This, `resourceId` or `ipAddress`.
   */
  readonly target?: string;
  /** The target's resource id. */
  readonly resourceId?: string;
  /** The target's private IPv4 address. */
  readonly ipAddress?: string;
  /** Port on the target. */
  readonly resourcePort: number;
  /** `[group/]name` or full resource id of the bastion host; without it, it is found. */
  readonly bastionHost?: string;
  /** The bastion host's, where `bastionHost` is a name. */
  readonly resourceGroup?: string;
  /** Name or id of the bastion host's subscription, and of targets that are given by name. */
  readonly subscription?: string;
  /** Local port; 0, the default, lets the system choose. */
  readonly port?: number;
  /** A PEM file of further CAs. */
  readonly caFile?: string;
  /** Name of the one credential that may be used, such as a plugin's of your own. */
  readonly credential?: string;
  /** Plugins, such as a credential of your own. */
  readonly plugins?: readonly PluginFactory[];
  /** Where warnings and debug records go; nowhere, where it is left out. */
  readonly sink?: LogSink;
  /** Ends everything. */
  readonly signal?: AbortSignal;
}

/**
 * Opens a tunnel with the credential that the environment holds. Stop it, or the program goes on.
 *
 * The system's CAs are believed only where the environment variable DENO_TLS_CA_STORE names them
 * (`system,mozilla`) before the program first uses TLS; Deno reads it once.
 * @throws an error with `code`, `hint` and `exit`; docs/reference/errors.md lists them
 */
export async function openTunnel(options: OpenTunnelOptions): Promise<Tunnel> {
  const { target: word, resourceId, ipAddress, resourcePort, bastionHost } = options;
  const { resourceGroup, subscription } = options;
  const app = await startApp({
    factories: options.plugins ?? [],
    platform: createPlatform(Deno.build.os, (name) => Deno.env.get(name)),
    clock: systemClock,
    cwd: Deno.cwd(),
    sink: options.sink ?? (() => {}),
    selfCommand: [Deno.execPath()],
    prompt: noPrompt,
    foreground: { take: () => ({ [Symbol.dispose]() {} }) },
    signal: options.signal ?? new AbortController().signal,
  });
  const { caFile, credential } = options;
  app.configure({
    ...(caFile === undefined ? {} : { caFile }),
    ...(credential === undefined ? {} : { credential }),
  });
  try {
    const doors = app.context("core");
    const target = await doors.resolve({
      port: resourcePort,
      ...(word === undefined ? {} : { word }),
      ...(bastionHost === undefined ? {} : { bastionHost }),
      ...(resourceId === undefined ? {} : { resourceId }),
      ...(ipAddress === undefined ? {} : { ipAddress }),
      ...(resourceGroup === undefined ? {} : { resourceGroup }),
      ...(subscription === undefined ? {} : { subscription }),
    });
    const tunnel = await doors.openTunnel({ ...options, target, port: options.port ?? 0 });
    const onAbort = () => void tunnel.stop();
    options.signal?.addEventListener("abort", onAbort, { once: true });
    if (options.signal?.aborted) onAbort();
    const ended = tunnel.ended.finally(() => {
      options.signal?.removeEventListener("abort", onAbort);
      return app.stop();
    });
    const stop = async () => {
      await tunnel.stop();
      await ended;
    };
    return { ...tunnel, ended, stop, [Symbol.asyncDispose]: stop };
  } catch (error) {
    await app.stop();
    throw error;
  }
}
