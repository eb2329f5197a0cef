/**
 * `deno task bench [--json] [--rounds N] [--size MIB]`: the tunnel engine beside a bare TCP relay,
 * side by side in one run. What counts are the ratios: absolute figures are this machine's.
 */

import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import {
  cpuSeconds,
  measureDown,
  measureEcho,
  measureFirstByte,
  measureMany,
  measureUp,
  residentBytes,
} from "./bench/measure.ts";

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

/** What is compared: our frames by their size, and for scale a relay without TLS and frames. */
const subjects = [
  { name: "webtunnel, 4 KiB frames", args: ["tunnel", "4096"], serverFrame: 4096 },
  { name: "webtunnel, 64 KiB frames", args: ["tunnel", "65536"], serverFrame: 65536 },
  { name: "TCP relay", args: ["relay"], serverFrame: 65536 },
] as const;

/** One figure of one round, by the name of what was measured. */
type Figures = Record<string, number>;

interface Running {
  readonly name: string;
  readonly pid: number;
  readonly ports: readonly number[];
  readonly stop: () => Promise<void>;
}

async function start(script: string, args: readonly string[], input = "") {
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--no-prompt",
      "-A",
      "--config",
      fileURLToPath(new URL("../deno.json", import.meta.url)),
      fileURLToPath(new URL(`bench/${script}`, import.meta.url)),
      ...args,
    ],
    stdin: "piped",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(input));
  await writer.close();
  const reader = child.stdout.getReader();
  let text = "";
  while (!text.includes("\n")) {
    const { value, done } = await reader.read();
    if (done) throw new Error(`${script} ended before it was ready`);
    text += new TextDecoder().decode(value);
  }
  return {
    pid: child.pid,
    ready: JSON.parse(text),
    stop: async () => {
      child.kill("SIGKILL");
      await reader.cancel();
      await child.status;
    },
  };
}

async function startSubject(
  subject: (typeof subjects)[number],
  directory: string,
): Promise<Running> {
  const pump = await start("pump.ts", [String(subject.serverFrame)]);
  const caFile = `${directory}/${pump.pid}.pem`;
  await Deno.writeTextFile(caFile, pump.ready.ca);
  const place = { tls: pump.ready.tls, tcp: pump.ready.tcp, caFile, state: directory };
  const running = await start("subject.ts", subject.args, JSON.stringify(place));
  return {
    name: subject.name,
    pid: running.pid,
    ports: running.ready.ports,
    stop: async () => {
      await running.stop();
      await pump.stop();
    },
  };
}

async function measure({ pid, ports }: Running): Promise<Figures> {
  const [down = 0, up = 0, echo = 0] = ports;
  const idle = await residentBytes(pid);
  const firstByte = await measureFirstByte(echo);
  const echoes = await measureEcho(echo, 300);
  const cpuBefore = await cpuSeconds(pid);
  const downRate = await measureDown(down, size);
  const cpuBetween = await cpuSeconds(pid);
  const upRate = await measureUp(up, size);
  const cpuAfter = await cpuSeconds(pid);
  const many = await measureMany(echo, 200);
  const gib = size / (1024 * MIB);
  return {
    "down, MB/s": downRate / 1e6,
    "up, MB/s": upRate / 1e6,
    ...(cpuBefore === undefined || cpuBetween === undefined || cpuAfter === undefined ? {} : {
      "CPU s/GiB down": (cpuBetween - cpuBefore) / gib,
      "CPU s/GiB up": (cpuAfter - cpuBetween) / gib,
    }),
    "echo p50, ms": echoes[Math.floor(echoes.length / 2)] ?? 0,
    "echo p99, ms": echoes[Math.floor(echoes.length * 0.99)] ?? 0,
    "first byte, ms": firstByte,
    "200 at once, ms": many,
    ...(idle === undefined ? {} : { "resident, MiB": idle / MIB }),
  };
}

function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

const directory = await Deno.makeTempDir({ prefix: "bastion-bench-" });
const running: Running[] = [];
const results = new Map<string, Figures[]>();
try {
  for (const subject of subjects) running.push(await startSubject(subject, directory));
  for (let round = 0; round < rounds; round++) {
    // In turn, so that a machine that slows down slows all of them.
    for (const one of running) {
      results.set(one.name, [...results.get(one.name) ?? [], await measure(one)]);
      if (!values.json) console.error(`round ${round + 1} of ${rounds}: ${one.name}`);
    }
  }
} finally {
  for (const one of running) await one.stop();
  await Deno.remove(directory, { recursive: true });
}

const names = subjects.map(({ name }) => name);
const figures = Object.keys(results.get(names[0] ?? "")?.[0] ?? {});
const medianOf = (name: string, figure: string) =>
  median((results.get(name) ?? []).map((round) => round[figure] ?? Number.NaN));
if (values.json) {
  console.log(JSON.stringify({
    deno: Deno.version.deno,
    os: Deno.build.os,
    date: new Date().toISOString(),
    rounds,
    sizeBytes: size,
    subjects: Object.fromEntries(names.map((name) => [name, {
      median: Object.fromEntries(figures.map((figure) => [figure, medianOf(name, figure)])),
      raw: results.get(name),
    }])),
  }));
} else {
  const baseline = names.at(-1) ?? "";
  console.log(
    `\nmedian of ${rounds} rounds, ${size / MIB} MiB each way; in brackets: times ${baseline}`,
  );
  for (const figure of figures) {
    console.log(`\n${figure}`);
    for (const name of names) {
      const value = medianOf(name, figure);
      const ratio = value / medianOf(baseline, figure);
      const all = (results.get(name) ?? []).map((round) => round[figure] ?? Number.NaN);
      const spread = `${Math.min(...all).toPrecision(3)}–${Math.max(...all).toPrecision(3)}`;
      console.log(
        `  ${name.padEnd(26)} ${value.toPrecision(4).padStart(8)}  (${
          ratio.toFixed(2)
        })  ${spread}`,
      );
    }
  }
}
