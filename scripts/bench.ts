/**
 * `deno task bench [--json] [--rounds N] [--size MIB]`: the tunnel engine beside npm:ws, a pair of
 * stunnels and a bare TCP relay, and OpenSSH's clients by `bastion proxy` beside `bastion tunnel`, in
 * turn, in one run. What counts are the ratios: absolute figures are this machine's.
 */

import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { type AzureCliRace, startAzureCliRace } from "./bench/azure_cli.ts";
import { ceilingDown, ceilingUp } from "./bench/ceiling.ts";
import { type Pump, startScript } from "./bench/child.ts";
import type { Figures } from "./bench/figures.ts";
import { firstOutput } from "./bench/first_output.ts";
import {
  cpuSeconds,
  measureDown,
  measureEcho,
  measureFirstByte,
  measureMany,
  measureUp,
  residentBytes,
  withOpen,
} from "./bench/measure.ts";
import { modes } from "./bench/modes.ts";
import { report } from "./bench/report.ts";
import { type SshRace, startSshRace } from "./bench/ssh_race.ts";
import { startStunnelPair } from "./bench/stunnel.ts";

const MIB = 1024 * 1024;

const { values } = parseArgs({
  args: Deno.args,
  options: {
    json: { type: "boolean", default: false },
    rounds: { type: "string", default: "5" },
    size: { type: "string", default: "256" },
  },
});
const rounds = Number(values.rounds);
const size = Number(values.size) * MIB;

interface Subject {
  readonly name: string;
  readonly pid: number;
  /** In the order of `modes`. */
  readonly ports: readonly number[];
  /** The echo's port by way of 40 ms each way. */
  readonly farEcho?: number;
}

const portOf = (subject: Subject, kind: string, serverFrame?: number) =>
  subject.ports[
    modes.findIndex((mode) =>
      mode.kind === kind && (serverFrame === undefined || mode.serverFrame === serverFrame)
    )
  ] ?? 0;

await using stack = new AsyncDisposableStack();
const directory = await Deno.makeTempDir({ prefix: "bastion-bench-" });
stack.defer(() => Deno.remove(directory, { recursive: true }));
const pump = stack.use(await startScript<Pump>("pump.ts", []));
// The echo comes from a process of its own, or bulk would be in its way before it is in the subject's.
const echoPump = stack.use(await startScript<Pump>("pump.ts", []));
const caFile = `${directory}/ca.pem`;
await Deno.writeTextFile(caFile, `${pump.ready.ca}\n${echoPump.ready.ca}\n`);

const place = {
  tls: modes.map(({ kind }) => (kind === "echo" ? echoPump : pump).ready.tls),
  tcp: modes.map(({ kind }, at) => (kind === "echo" ? echoPump : pump).ready.tcp[at] ?? 0),
  caFile,
  state: directory,
};
const farTls = stack.use(
  await startScript<{ port: number }>("delay.ts", [String(echoPump.ready.tls)]),
);

async function startTunnel(name: string, args: readonly string[]): Promise<Subject> {
  const near = stack.use(
    await startScript<{ ports: number[] }>("subject.ts", args, JSON.stringify(place)),
  );
  if (args[0] === "relay") return { name, pid: near.pid, ports: near.ready.ports };
  const farPlace = { ...place, tls: modes.map(() => farTls.ready.port) };
  const far = stack.use(
    await startScript<{ ports: number[] }>("subject.ts", args, JSON.stringify(farPlace)),
  );
  const farEcho = far.ready.ports[modes.findIndex(({ kind }) => kind === "echo")];
  return {
    name,
    pid: near.pid,
    ports: near.ready.ports,
    ...(farEcho === undefined ? {} : { farEcho }),
  };
}

async function startStunnel(): Promise<Subject | undefined> {
  const pair = await startStunnelPair({ ...pump.ready, tcp: place.tcp }, directory);
  if (!pair) return undefined;
  stack.use(pair);
  const far = await startStunnelPair({ ...pump.ready, tcp: place.tcp }, directory, async (port) => {
    const delay = stack.use(await startScript<{ port: number }>("delay.ts", [String(port)]));
    return delay.ready.port;
  });
  if (far) stack.use(far);
  const farEcho = far?.ports[modes.findIndex(({ kind }) => kind === "echo")];
  return {
    name: "stunnel",
    pid: pair.pid,
    ports: pair.ports,
    ...(farEcho === undefined ? {} : { farEcho }),
  };
}

async function measure(subject: Subject): Promise<Figures> {
  const { pid } = subject;
  const echo = portOf(subject, "echo");
  const figures: Record<string, number> = {};
  const withCpu = async (what: string, work: () => Promise<number>) => {
    const before = await cpuSeconds(pid);
    figures[`${what}, MB/s`] = await work() / 1e6;
    const after = await cpuSeconds(pid);
    if (before !== undefined && after !== undefined) {
      figures[`${what}, CPU s/GiB`] = (after - before) / (size / (1024 * MIB));
    }
  };
  for (const { kind, serverFrame } of modes) {
    if (kind !== "source") continue;
    const port = portOf(subject, "source", serverFrame);
    await withCpu(
      `down, server frames of ${serverFrame / 1024} KiB`,
      () => measureDown(port, size),
    );
  }
  await withCpu("up", () => measureUp(portOf(subject, "sink"), size));
  const percentile = (times: number[], part: number) => times[Math.floor(times.length * part)] ?? 0;
  const idle = await measureEcho(echo, 400);
  figures["echo p50, ms"] = percentile(idle, 0.5);
  figures["echo p99, ms"] = percentile(idle, 0.99);
  {
    const bulk = String(portOf(subject, "source", 16 * 1024));
    // A process of its own, or the bulk would be in the way of whoever measures.
    await using _drain = await startScript("drain.ts", [bulk]);
    const beside = await measureEcho(echo, 400);
    figures["echo beside bulk p50, ms"] = percentile(beside, 0.5);
    figures["echo beside bulk p99, ms"] = percentile(beside, 0.99);
  }
  figures["first byte, ms"] = await measureFirstByte(echo);
  if (subject.farEcho !== undefined) {
    figures["first connection at 40 ms one-way, ms"] = await measureFirstByte(subject.farEcho);
    figures["next connection at 40 ms one-way, ms"] = await measureFirstByte(subject.farEcho);
  }
  figures["200 connections at once, ms"] = await measureMany(echo, 200);
  const before = await residentBytes(pid);
  const during = await withOpen(echo, 100, () => residentBytes(pid));
  if (before !== undefined && during !== undefined) {
    figures["resident, MiB"] = before / MIB;
    figures["resident for each of 100 more connections, KiB"] = (during - before) / 100 / 1024;
  }
  return figures;
}

async function measureCeiling(): Promise<Figures> {
  const figures: Record<string, number> = {};
  for (const { port, kind, serverFrame } of modes) {
    if (kind !== "source") continue;
    figures[`down, server frames of ${serverFrame / 1024} KiB, MB/s`] =
      await ceilingDown(pump.ready, port, size) / 1e6;
  }
  const sink = modes.find(({ kind }) => kind === "sink")?.port ?? 0;
  figures["up, MB/s"] = await ceilingUp(pump.ready, sink, size, 64 * 1024) / 1e6;
  return figures;
}

/** From the start of the program to its "listening", in ms; the emulator is there already. */
async function measureStart(command: readonly [string, ...string[]]): Promise<number> {
  const { startEmulator } = await import("../plugins/emulator/emulator.ts");
  await using emulator = await startEmulator();
  const vm = emulator.world.virtualMachines[0]?.id ?? "";
  const words = ["tunnel", "-n", "demo-bastion", "-g", "demo-rg", "--json"]
    .concat("--target-resource-id", vm, "--resource-port", "7");
  const env = { ...emulator.environment, XDG_STATE_HOME: directory };
  const { ms } = await firstOutput([...command, ...words], env);
  return ms;
}

const subjects: Subject[] = [
  await startTunnel("webtunnel, 4 KiB frames", ["tunnel", "4096"]),
  await startTunnel("webtunnel, 16 KiB frames", ["tunnel", "16384"]),
  await startTunnel("webtunnel, 64 KiB frames", ["tunnel", "65536"]),
  await startTunnel("ws, 64 KiB frames", ["tunnel", "65536", "ws"]),
];
const stunnel = await startStunnel();
if (stunnel) subjects.push(stunnel);
else console.error("stunnel is not installed (Debian: stunnel4): it is left out");
subjects.push(await startTunnel("TCP relay", ["relay"]));

const source: readonly [string, ...string[]] = [
  Deno.execPath(),
  "run",
  "--no-prompt",
  "-A",
  "--v8-flags=--max-semi-space-size=2",
  fileURLToPath(new URL("../cli/main.ts", import.meta.url)),
];
const compiled = Deno.env.get("BASTION_COMPILED");
const race = await startAzureCliRace(directory);
if (race) stack.use(race);
else console.error("az is not installed (Debian: azure-cli): it is left out");
const sshRaces = new Map<string, SshRace>();
for (
  const [name, program] of [
    ["from source", source],
    ...(compiled ? [["compiled", [compiled]] as const] : []),
  ] as const
) {
  const one = await startSshRace(program, directory, size);
  if (one) sshRaces.set(name, stack.use(one));
}
if (sshRaces.size === 0) {
  console.error("sshd is not installed (Debian: openssh-server): it is left out");
}

/** By the Azure CLI's cache, with nothing of our own from before, and the CLI's own quickest answer. */
async function addRace({ showAccount, listen }: AzureCliRace): Promise<void> {
  const figure = "signed in to the Azure CLI: start to answer, ms";
  add("az account show", { [figure]: await showAccount() });
  const state = () => Deno.makeTempDir({ dir: directory });
  add("bastion tunnel, from source", { [figure]: await listen(source, await state()) });
  if (compiled) {
    add("bastion tunnel, compiled", { [figure]: await listen([compiled], await state()) });
  }
}

const results = new Map<string, Figures[]>();
const add = (name: string, figures: Figures) =>
  results.set(name, [...results.get(name) ?? [], figures]);
for (let round = 1; round <= rounds; round++) {
  console.error(`round ${round} of ${rounds}`);
  add("the pump itself", await measureCeiling());
  // In turn, so that a machine that slows down slows all of them.
  for (const subject of subjects) {
    console.error(`  ${subject.name}`);
    add(subject.name, await measure(subject));
  }
  add("bastion tunnel, from source", { "start to listening, ms": await measureStart(source) });
  if (compiled) {
    add("bastion tunnel, compiled", { "start to listening, ms": await measureStart([compiled]) });
  }
  if (race) await addRace(race);
  for (const [name, { byTunnel, byProxy }] of sshRaces) {
    console.error(`  OpenSSH by us, ${name}`);
    add(`bastion tunnel, ${name}`, await byTunnel());
    add(`bastion proxy, ${name}`, await byProxy());
  }
}
console.log(report(results, { rounds, size, json: values.json }));
