/**
 * Random faults under load, and at the end all counts agree. `deno task soak` runs it for five
 * minutes, and says which seed repeats it: what each client does and which faults strike follows
 * from the seed; when which meet, from the machine.
 */

import assert from "node:assert/strict";
import { residentBytes } from "../../scripts/bench/measure.ts";
import { createRandom } from "../../scripts/fuzz/random.ts";
import { type Account, account, type Round } from "../../scripts/soak/account.ts";
import { startFarSide } from "../../scripts/soak/far_side.ts";
import { drawFaults } from "../../scripts/soak/fault_mix.ts";
import { drawPlan } from "../../scripts/soak/plan.ts";
import { type ClientResult, runClient } from "../../scripts/soak/soak_client.ts";
import type { BastionEvent, BastionProcess } from "../helpers/bastion_process.ts";
import { withAzure } from "../helpers/emulated_azure.ts";
import { eventually } from "../helpers/eventually.ts";
import { needsThat } from "../helpers/needs.ts";
import { hasProc, openFiles } from "../helpers/process_files.ts";

const FULL = Deno.env.get("BASTION_TEST_FULL") === "1";
/** It runs where it is asked for; 0 where it is not. */
const SECONDS = Number(Deno.env.get("BASTION_SOAK_SECONDS") ?? (FULL ? 300 : 0));
const SEED = Number(Deno.env.get("BASTION_SOAK_SEED") ?? Math.floor(Math.random() * 2 ** 31));

/** Clients at once: of the program that prints events, and of the one that writes text. */
const JSON_LINES = 12;
const TEXT_LINES = 4;
/** A client that sees nothing move for so long gives up, in ms: longer than pings need to tell. */
const PATIENCE = 30_000;
const PING_INTERVAL = "5s";
/** So long before the end nothing strikes any more that takes a client's whole patience, in ms. */
const NO_SILENCE = 45_000;
/** So much a process may grow from a fifth of the time to the end. */
const MAX_GROWTH = 96 * 1024 ** 2;

interface Line {
  readonly number: number;
  readonly port: number;
  readonly results: ClientResult[];
}

/** Clients one after the other, until the time is up. */
async function runLine({ number, port, results }: Line, end: number): Promise<void> {
  const random = createRandom(SEED + number);
  for (let count = 1; performance.now() < end; count++) {
    results.push(await runClient(drawPlan(number * 1_000_000 + count, random), port, PATIENCE));
  }
}

/** Faults for some seconds each, and none for every third while; none at the end. */
async function runFaults(
  set: (round: Round) => void,
  end: number,
): Promise<void> {
  const random = createRandom(SEED);
  for (let count = 1; performance.now() < end; count++) {
    const from = performance.now();
    const silences = end - from > NO_SILENCE;
    set({ from, faults: count % 3 === 0 ? [] : drawFaults(random, silences) });
    const pause = Math.min(500 + random.below(2500), Math.max(0, end - from));
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
  set({ from: performance.now(), faults: [] });
}

/** A connection that nothing strikes: whoever is owed something gets it then, too. */
async function probe(port: number, id: number, results: ClientResult[]): Promise<void> {
  const drawn = drawPlan(id, createRandom(id));
  const result = await runClient({ ...drawn, up: 1000, down: 1000, ending: "far" }, port, PATIENCE);
  results.push(result);
  const { received, how } = result;
  assert.deepEqual({ received, how }, { received: 1000, how: "ended" }, "the listener lives");
}

/** What the program that writes text has said: each connection once, and as many as it counts. */
function assertSaid({ stderr }: BastionProcess, results: readonly ClientResult[]): void {
  const text = stderr();
  const said = [...text.matchAll(/^bastion: connection (\d+) (failed|ended): .{20}/gm)];
  const numbers = said.map(([, number]) => Number(number));
  assert.equal(new Set(numbers).size, numbers.length, "a failure was said twice");
  const [, opened = 0, failed = 0] =
    /: (\d+) connections?(?: \((\d+) more failed\))?,/.exec(text) ??
      [];
  assert.equal(said.filter(([, , how]) => how === "failed").length, Number(failed));
  const attempts = Number(opened) + Number(failed);
  const early = results.filter(({ plan }) => plan.ending === "reset-early").length;
  assert.ok(attempts <= results.length && attempts >= results.length - early, `${attempts}`);
}

/** The program's last word, beside the sum of what it has said before. */
function assertTotals(events: readonly BastionEvent[], { opened, failed }: Account): void {
  const last = events.at(-1);
  assert.deepEqual([last?.event, last?.["opened"], last?.["failed"]], ["stopped", opened, failed]);
  for (const field of ["bytesUp", "bytesDown"] as const) {
    const sum = events.filter(({ event }) => event === "connection-closed")
      .reduce((all, one) => all + Number(one[field]), 0);
    assert.equal(last?.[field], sum, field);
  }
}

function noResults(): ClientResult[] {
  return [];
}

function mebibytes(bytes: number): string {
  return (bytes / 1024 ** 2).toFixed(1);
}

function report(title: string, figures: Readonly<Record<string, unknown>>): void {
  const list = Object.entries(figures).map(([name, value]) => `${name} ${value}`);
  console.log(`${title}: ${list.join(", ")}`);
}

const onLinux = needsThat(hasProc, "/proc, which tells a process's descriptors");
const soak = SECONDS > 0 ? onLinux : { test: () => {} };
soak.test(
  `soak: ${SECONDS} s of random faults under load`,
  async () => {
    console.log(`seed ${SEED}`);
    await using far = startFarSide();
    await withAzure({ ports: { 9000: far.port } }, async (azure) => {
      const { emulator } = azure;
      const events = await azure.openTunnel(9000, ["--ping-interval", PING_INTERVAL], {
        debug: false,
      });
      const words = await azure.start(
        ["tunnel", ...azure.targetArgs(9000), "--ping-interval", PING_INTERVAL],
        { debug: false },
      );
      const [, port] = await words.output("stdout", /connect on port (\d+)/);
      const json = { process: events, port: events.port, lines: JSON_LINES, results: noResults() };
      const text = { process: words, port: Number(port), lines: TEXT_LINES, results: noResults() };
      const programs = [json, text];
      let probes = 1;
      for (const { port, results } of programs) await probe(port, probes++, results);
      const filesBefore = programs.map(({ process }) => openFiles(process.pid));
      const memoryBefore = programs.map(() => 0);

      const start = performance.now();
      const end = start + SECONDS * 1000;
      const rounds: Round[] = [];
      const kinds = new Set<string>();
      const sampling = setInterval(() => {
        if (performance.now() - start > SECONDS * 200) clearInterval(sampling);
        programs.forEach(async ({ process }, at) => {
          memoryBefore[at] = Math.max(memoryBefore[at] ?? 0, await residentBytes(process.pid) ?? 0);
        });
      }, 250);
      await Promise.all([
        runFaults((round) => {
          rounds.push(round);
          for (const fault of round.faults) kinds.add(`${fault.at}: ${fault.kind}`);
          emulator.setFaults(round.faults, SEED + rounds.length);
        }, end),
        ...programs.flatMap(({ port, lines, results }, at) =>
          Array.from(
            { length: lines },
            (_, line) => runLine({ number: 1 + line + at * JSON_LINES, port, results }, end),
          )
        ),
      ]);
      clearInterval(sampling);
      assert.deepEqual(far.problems, []);

      await eventually("every WebSocket is closed, the far side alone", () => {
        const { openWebSockets } = emulator.stats();
        assert.deepEqual({ openWebSockets, far: far.open() }, { openWebSockets: 0, far: 0 });
        return true;
      }, { within: 60_000 });
      // What is owed goes along with the end of another session.
      const left = () => emulator.stats().outstandingSessions;
      await eventually("no session is left", async () => {
        for (const { port, results } of programs) await probe(port, probes++, results);
        await eventually("the last one's end", () => left() === 0, { within: 3_000 });
        return true;
      }, { within: 60_000 });
      const files = await eventually("no descriptor is left", () => {
        const now = programs.map(({ process }) => openFiles(process.pid));
        // Of each client at once, a connection of the HTTP client's may be kept for the next.
        return programs.every(({ lines }, at) =>
          (now[at] ?? 0) <= (filesBefore[at] ?? 0) + lines
        ) && now;
      }, { within: 120_000, every: 200 });
      const memory = await Promise.all(
        programs.map(async ({ process }) => await residentBytes(process.pid) ?? 0),
      );

      for (const { process } of programs) {
        process.signal("SIGINT");
        assert.equal((await process.exit()).code, 0);
      }
      const stats = emulator.stats();
      assert.equal(stats.sessionsIssued, stats.tokenDeletes, "sessions and their DELETEs");
      assert.equal(stats.outstandingSessions, 0);
      assert.equal(stats.tokenDeletesUnknown, 0, "no session is deleted twice");

      const sums = account({
        clients: json.results,
        arrived: far.arrived,
        events: json.process.events(),
        rounds,
      });
      assert.deepEqual(sums.problems, []);
      assertTotals(json.process.events(), sums);
      assertSaid(text.process, text.results);
      const texts = account({ clients: text.results, arrived: far.arrived, rounds });
      assert.deepEqual(texts.problems, []);
      const { sessionsIssued, faultsStruck, bytesUp, bytesDown } = stats;
      const clients = json.results.length + text.results.length;
      report("clients", { clients, ...sums, problems: 0 });
      report("emulator", { sessionsIssued, faultsStruck, bytesUp, bytesDown, kinds: kinds.size });
      report("descriptors", { before: filesBefore, after: files });
      report("resident MiB", { before: memoryBefore.map(mebibytes), after: memory.map(mebibytes) });
      for (const [at, after] of memory.entries()) {
        const grown = after - (memoryBefore[at] ?? 0);
        assert.ok(grown < MAX_GROWTH, `the process grew by ${mebibytes(grown)} MiB`);
      }
    });
  },
);
