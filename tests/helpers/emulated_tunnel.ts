/** A tunnel of the core through an emulator, all in this process: for tests of the engine. */

import { type App, startApp } from "../../core/app.ts";
import { systemClock } from "../../core/clock.ts";
import { noPrompt } from "../../core/no_prompt.ts";
import type { LogRecord, PluginFactory, Tunnel, TunnelRequest } from "../../core/mod.ts";
import { createPlatform } from "../../core/platform.ts";
import { type RunningEmulator, startEmulator } from "../../plugins/emulator/emulator.ts";
import type { FaultInput } from "../../plugins/emulator/fault_schema.ts";
import { tempDir } from "./temp_dir.ts";

export interface EmulatedTunnel extends AsyncDisposable {
  readonly emulator: RunningEmulator;
  readonly tunnel: Tunnel;
  /** Everything that was told of connections, in order: `opened`, `failed code`, `closed reason`. */
  readonly events: readonly string[];
  readonly log: readonly LogRecord[];
  /** A local connection through the tunnel. */
  connect(): Promise<Deno.TcpConn>;
  /** Ends the core, with all that it does at its end; the emulator goes on. */
  stopApp(): Promise<void>;
}

export interface EmulatedTunnelOptions extends Partial<TunnelRequest> {
  /** Where the VM's port 1000 really leads. */
  readonly targetPort: number;
  readonly faults?: readonly FaultInput[];
  readonly plugins?: readonly PluginFactory[];
  /** Changes the request at last. */
  readonly prepare?: (request: TunnelRequest) => TunnelRequest;
  /** Where sessions are remembered; a directory of its own where it is left out. */
  readonly stateDirectory?: string;
}

/** An emulator with one host and one VM. */
export async function startTestEmulator(targetPort: number): Promise<RunningEmulator> {
  return await startEmulator({
    world: {
      bastionHosts: [{ name: "hub", resourceGroup: "net", enableTunneling: true }],
      virtualMachines: [{
        name: "web1",
        resourceGroup: "app",
        privateIp: "10.1.0.4",
        ports: { 1000: `127.0.0.1:${targetPort}` },
      }],
    },
    env: () => undefined,
  });
}

/** The core, with the emulator's environment and nothing of this process's own. */
export async function startTestApp(
  emulator: RunningEmulator,
  stateDirectory: string,
  log: LogRecord[] = [],
  plugins: readonly PluginFactory[] = [],
  selfCommand: readonly [string, ...string[]] = [Deno.execPath()],
): Promise<App> {
  const environment: Record<string, string> = {
    ...emulator.environment,
    XDG_STATE_HOME: stateDirectory,
    HOME: stateDirectory,
    LOCALAPPDATA: stateDirectory,
  };
  return await startApp({
    factories: plugins,
    platform: createPlatform(Deno.build.os, (name) => environment[name]),
    clock: systemClock,
    cwd: Deno.cwd(),
    sink: (record) => log.push(record),
    selfCommand,
    prompt: noPrompt,
    foreground: { take: () => ({ [Symbol.dispose]() {} }) },
    signal: new AbortController().signal,
  });
}

/** What `ctx.resolve` needs for the VM's port 1000. */
export function targetRequest(emulator: RunningEmulator) {
  const vm = emulator.world.virtualMachines[0];
  if (!vm) throw new Error("the test's world has no VM");
  return { bastionHost: "hub", resourceGroup: "net", resourceId: vm.id, port: 1000 };
}

export async function openEmulatedTunnel(options: EmulatedTunnelOptions): Promise<EmulatedTunnel> {
  const { targetPort, faults = [], plugins = [], stateDirectory, prepare, ...request } = options;
  const state = await tempDir();
  const emulator = await startTestEmulator(targetPort);
  const log: LogRecord[] = [];
  const events: string[] = [];
  const app = await startTestApp(emulator, stateDirectory ?? state.path, log, plugins);
  await using started = new AsyncDisposableStack();
  started.defer(() => state[Symbol.asyncDispose]());
  started.defer(() => emulator.stop());
  started.defer(() => app.stop());
  const doors = app.context("core");
  const target = await doors.resolve(targetRequest(emulator));
  emulator.setFaults(faults);
  const asked: TunnelRequest = {
    halfCloseGrace: 500,
    ...request,
    target,
    port: 0,
    observer: {
      connectionOpened: () => events.push("opened"),
      connectionFailed: ({ code }) => events.push(`failed ${code}`),
      connectionClosed: ({ reason }) => events.push(`closed ${reason}`),
    },
  };
  const tunnel = await doors.openTunnel(prepare ? prepare(asked) : asked);
  const owned = started.move();
  return {
    emulator,
    tunnel,
    events,
    log,
    async connect() {
      const conn = await Deno.connect({ hostname: "127.0.0.1", port: tunnel.info.port });
      conn.setNoDelay(true);
      return conn;
    },
    stopApp: () => app.stop(),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}
