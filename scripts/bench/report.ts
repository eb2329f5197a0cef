/** The benchmark's results: a table for people, JSON for programs. */

import os from "node:os";
import type { Figures } from "./figures.ts";

export interface ReportOptions {
  readonly rounds: number;
  /** Bytes that each throughput figure moved. */
  readonly size: number;
  readonly json: boolean;
}

export function report(
  results: ReadonlyMap<string, readonly Figures[]>,
  { rounds, size, json }: ReportOptions,
): string {
  const machine = {
    date: new Date().toISOString(),
    deno: Deno.version.deno,
    os: `${Deno.build.os} ${Deno.build.arch}`,
    cpu: os.cpus()[0]?.model ?? "unknown",
    cores: os.cpus().length,
  };
  const figures = [...new Set([...results.values()].flat().flatMap((round) => Object.keys(round)))];
  if (json) {
    const subjects = [...results].map(([name, raw]) => [name, {
      median: Object.fromEntries(
        figures.flatMap((figure) => {
          const values = valuesOf(raw, figure);
          return values.length > 0 ? [[figure, median(values)]] : [];
        }),
      ),
      raw,
    }]);
    return JSON.stringify({ machine, rounds, size, subjects: Object.fromEntries(subjects) });
  }
  const lines = [
    `Medians of ${rounds} rounds, ${size / 1024 / 1024} MiB for each throughput; in brackets the ` +
    `least and the most. ${machine.date.slice(0, 10)}, Deno ${machine.deno}, ${machine.os}, ` +
    `${machine.cores} cores (${machine.cpu}).`,
  ];
  for (const figure of figures) {
    lines.push("", `## ${figure}`, "");
    for (const [name, raw] of results) {
      const values = valuesOf(raw, figure);
      if (values.length === 0) continue;
      const [least, most] = [Math.min(...values), Math.max(...values)].map(short);
      lines.push(`${name.padEnd(28)} ${short(median(values)).padStart(8)}   (${least}–${most})`);
    }
  }
  return lines.join("\n");
}

function valuesOf(raw: readonly Figures[], figure: string): number[] {
  return raw.flatMap((round) => round[figure] ?? []);
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

function short(value: number): string {
  return value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2);
}
