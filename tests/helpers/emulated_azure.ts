/**
 * A user's whole surroundings for one test: an emulated Azure with real servers behind its VM, and
 * the real program, as a process, pointed at it.
 *
 * No run escapes the checks at the end: everything that the program has shown, by its finest log,
 * is searched for every secret, and every session must have been deleted.
 */

import assert from "node:assert/strict";
import { basename } from "node:path";
import { type RunningEmulator, startEmulator } from "../../plugins/emulator/emulator.ts";
import type { FaultInput } from "../../plugins/emulator/fault_schema.ts";
import type { WorldInput } from "../../plugins/emulator/world_schema.ts";
import { type BastionOptions, type BastionProcess, startBastion } from "./bastion_process.ts";
import { assertNoLeaks } from "./leak_check.ts";
import { tempDir } from "./temp_dir.ts";

/** A client secret that is spelt differently in each encoding in which it could leak. */
export const CLIENT_SECRET = 'pl+nt/ed=sécret&%"x';

export interface AzureOptions {
  /** The VM's port → the local port of the server behind it, or the emulator's `ssh`, `echo`, `filtered`. */
  readonly ports?: Readonly<Record<number, number | "ssh" | "echo" | "filtered">>;
  readonly faults?: readonly FaultInput[];
  /** Added to the world, or in place of its parts. */
  readonly world?: WorldInput;
  /** In place of the one host `hub`. */
  readonly bastionHosts?: NonNullable<WorldInput["bastionHosts"]>;
  /** Sessions may be left at the end: the program is killed, or not let to its sessions. */
  readonly mayLeaveSessions?: boolean;
}

export interface ProgramOptions extends BastionOptions {
  /** Without it stderr is as the user has it by default; the log file has everything either way. */
  readonly debug?: boolean;
}

/** The program with a tunnel that is ready. */
export interface OpenTunnel extends BastionProcess {
  readonly host: string;
  readonly port: number;
  /** A connection to the tunnel. */
  connect(): Promise<Deno.TcpConn>;
}

export interface EmulatedAzure {
  readonly emulator: RunningEmulator;
  readonly vmId: string;
  /** Where the bastion host's data plane listens. */
  readonly dataPlanePort: number;
  /** Where the program keeps its journal, one for all its runs in this test. */
  readonly stateDirectory: string;
  /** A file's path in a directory of the test's own. */
  file(...parts: readonly string[]): string;
  /** The options that name host, VM and its port. */
  targetArgs(port: number): string[];
  /** Starts the program; it is ended with the test, if not before. */
  start(args: readonly string[], options?: ProgramOptions): Promise<BastionProcess>;
  /** Starts `tunnel` with `--json`, and waits until it listens. */
  openTunnel(
    port: number,
    args?: readonly string[],
    options?: ProgramOptions,
  ): Promise<OpenTunnel>;
  /** One more secret that must not be shown; those of the emulator are known. */
  addSecret(secret: string): void;
}

interface Run {
  readonly args: readonly string[];
  readonly process: BastionProcess;
  readonly logFile: string;
}

/** Runs `body`, then ends and checks every run of the program that it has started. */
export async function withAzure(
  options: AzureOptions,
  body: (azure: EmulatedAzure) => Promise<void>,
): Promise<void> {
  await using directory = await tempDir();
  await using emulator = await startEmulator({ world: worldOf(options), env: () => undefined });
  const [host] = emulator.world.bastionHosts;
  const [vm] = emulator.world.virtualMachines;
  if (!host || !vm) throw new Error("the test's world is empty");
  const runs: Run[] = [];
  const secrets = [CLIENT_SECRET];

  async function start(
    args: readonly string[],
    { debug = true, env = {}, ...others }: ProgramOptions = {},
  ): Promise<BastionProcess> {
    const logFile = directory.file(`log-${runs.length}`);
    const words = ["--log-file", logFile, ...(debug ? ["--debug"] : []), ...args];
    const process = await startBastion(words, {
      ...others,
      env: { ...emulator.environment, XDG_STATE_HOME: directory.file("state"), ...env },
    });
    runs.push({ args, process, logFile });
    return { ...process, stderr: () => withoutCloudNotice(process.stderr()) };
  }

  const targetArgs = (port: number) => [
    ...["--name", "hub", "--resource-group", "net"],
    ...["--target-resource-id", vm.id, "--resource-port", String(port)],
  ];

  const failures: unknown[] = [];
  const attempt = async (work: () => void | PromiseLike<void>) => {
    try {
      await work();
    } catch (error) {
      failures.push(error);
    }
  };
  await attempt(() =>
    body({
      emulator,
      vmId: vm.id,
      dataPlanePort: Number(emulator.dnsNameOf(host).split(":")[1]),
      stateDirectory: directory.file("state", "bastion"),
      file: directory.file,
      targetArgs,
      start,
      async openTunnel(port, args = [], options = {}) {
        const process = await start(["tunnel", "--json", ...targetArgs(port), ...args], options);
        const address = await process.listening();
        return {
          ...process,
          ...address,
          async connect() {
            const conn = await Deno.connect({ hostname: address.host, port: address.port });
            conn.setNoDelay(true);
            return conn;
          },
        };
      },
      addSecret: (secret) => secrets.push(secret),
    })
  );
  for (const { process } of runs) await attempt(() => process[Symbol.asyncDispose]());
  if (!options.mayLeaveSessions) {
    await attempt(() => assert.equal(emulator.stats().outstandingSessions, 0, "sessions are left"));
  }
  for (const run of runs) {
    await attempt(async () => assertNoLeaks(await shown(run), [...emulator.secrets(), ...secrets]));
  }
  if (failures.length > 0) throw explain(failures, runs);
}

/** Said once in every run: the cloud is the emulator's (tests/e2e/cloud_test.ts). */
export function withoutCloudNotice(stderr: string): string {
  return stderr.replace(
    /^warning \[core\] the cloud is Emulator, which is none of Microsoft's .*\n/m,
    "",
  );
}

function worldOf(
  { ports = {}, faults = [], bastionHosts, world = {} }: AzureOptions,
): WorldInput {
  const targets = Object.entries(ports).map(([port, to]) =>
    [port, typeof to === "number" ? `127.0.0.1:${to}` : to] as const
  );
  return {
    servicePrincipals: [{
      clientId: "0e0e0e0e-0000-4000-8000-0000000000c1",
      clientSecret: CLIENT_SECRET,
    }],
    bastionHosts: bastionHosts ?? [
      { name: "hub", resourceGroup: "net", enableTunneling: true, enableIpConnect: true },
    ],
    virtualMachines: [{
      name: "web1",
      resourceGroup: "app",
      privateIp: "10.1.0.4",
      ports: Object.fromEntries(targets),
    }],
    faults: [...faults],
    ...world,
  };
}

/** Everything that a run has shown, by where it has. */
async function shown({ process, logFile }: Run): Promise<Record<string, string>> {
  // Usage errors come before there is a log.
  const log = await Deno.readTextFile(logFile).catch(() => "");
  return { stdout: process.stdout(), stderr: process.stderr(), [basename(logFile)]: log };
}

/** An aggregate would be shown without what it holds, and a failure says little without the program's. */
function explain(failures: readonly unknown[], runs: readonly Run[]): Error {
  const said = failures.map((failure) => failure instanceof Error ? failure.message : `${failure}`);
  const outputs = runs.map(({ args, process }) =>
    `--- bastion ${args.join(" ")}\nstdout: ${tail(process.stdout())}\nstderr: ${
      tail(process.stderr())
    }`
  );
  return new Error([...said, ...outputs].join("\n\n"), { cause: failures[0] });
}

function tail(text: string): string {
  return text.length > 4000 ? `… ${text.slice(-4000)}` : text;
}
