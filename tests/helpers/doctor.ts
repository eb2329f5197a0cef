/** `bastion doctor` against an emulated Azure, and what it reports. */

import assert from "node:assert/strict";
import { type AzureOptions, type EmulatedAzure, withAzure } from "./emulated_azure.ts";

export interface Finding {
  readonly name: string;
  readonly status: string;
  readonly code?: string;
  readonly found: string;
  readonly remedy?: string;
  readonly because?: readonly string[];
}

export interface Report {
  readonly ok: boolean;
  readonly program: Readonly<Record<string, string>>;
  readonly checks: readonly Finding[];
}

export interface Diagnosed {
  readonly code: number;
  readonly report: Report;
  check(name: string): Finding;
}

export type Diagnose = (
  words?: readonly string[],
  env?: Readonly<Record<string, string>>,
) => Promise<Diagnosed>;

const ANYWAY = [
  ...["program", "cloud-shell", "config", "cloud", "proxy", "trust"],
  ...["entra-dns", "entra-tcp", "entra-tls", "arm-dns", "arm-tcp", "arm-tls", "clock"],
  ...["credential", "token", "token-size", "tenant", "subscription"],
] as const;

/** Every check, in order, by what is named. */
export const CHECKS = {
  nothing: ANYWAY,
  host: [
    ...ANYWAY,
    ...["bastion-host", "host-dns", "host-tcp", "host-tls", "reader-host", "pim"],
  ],
  target: [
    ...ANYWAY,
    ...["target", "bastion-host", "host-dns", "host-tcp", "host-tls"],
    ...["reader-host", "reader-vm", "reader-nic", "reader-vnet", "vm-power", "pim"],
    ...["session", "websocket", "port"],
  ],
} as const;

/** The VM `web1` has an SSH server on port 22 and an echo on port 7, unless `options` say otherwise. */
export async function withDoctor(
  options: AzureOptions,
  body: (diagnose: Diagnose, azure: EmulatedAzure) => Promise<void>,
): Promise<void> {
  await withAzure(
    { ports: { 22: "ssh", 7: "echo" }, ...options },
    (azure) =>
      body(async (words = ["web1"], env = {}) => {
        const process = await azure.start(["doctor", "--json", ...words], { env });
        const { code } = await process.exit();
        const report: Report = JSON.parse(process.stdout());
        const check = (name: string) => {
          const found = report.checks.find((one) => one.name === name);
          assert.ok(found, `no check ${name}`);
          return found;
        };
        return { code, report, check };
      }, azure),
  );
}
