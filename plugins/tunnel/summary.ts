/** The last line of a tunnel: what went through it, and why it ended. */

import type { TunnelTotals } from "../../core/mod.ts";

const WHY: Readonly<Record<string, string>> = {
  "stopped": "Tunnel closed",
  "timeout": "Tunnel closed: its time (--timeout) is up",
  "idle-timeout": "Tunnel closed: no connection for as long as --idle-timeout says",
  "once": "Tunnel closed after its one connection (--once)",
  "command-ended": "Tunnel closed with its command",
};

export function summary(reason: string, totals: TunnelTotals): string {
  const { opened, failed, bytesUp, bytesDown, ms } = totals;
  const connections = `${opened} connection${opened === 1 ? "" : "s"}`;
  const failures = failed > 0 ? ` (${failed} more failed)` : "";
  return `${WHY[reason] ?? "Tunnel closed"} after ${duration(ms)}: ${connections}${failures}, ` +
    `${size(bytesUp)} up, ${size(bytesDown)} down.`;
}

function duration(ms: number): string {
  const seconds = ms / 1000;
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  const minutes = Math.floor(seconds / 60);
  return minutes < 60
    ? `${minutes} min ${Math.round(seconds % 60)} s`
    : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

function size(bytes: number): string {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let value = bytes;
  let unit = 0;
  for (; value >= 1024 && unit < units.length - 1; unit++) value /= 1024;
  return `${unit === 0 ? value : value.toFixed(1)} ${units[unit]}`;
}
