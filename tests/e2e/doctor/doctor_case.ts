/** One thing that is wrong, and what `bastion doctor` says of it. */

import assert from "node:assert/strict";
import { type Diagnosed, withDoctor } from "../../helpers/doctor.ts";
import type { AzureOptions, EmulatedAzure } from "../../helpers/emulated_azure.ts";

export interface DoctorCase {
  readonly what: string;
  /** A function, where the emulated Azure leads to what the test brings. */
  readonly azure?: AzureOptions | ((ends: AsyncDisposableStack) => Promise<AzureOptions>);
  /** What follows `doctor`; `web1` where they are left out. */
  readonly words?: readonly string[];
  readonly env?: (broken: Broken) => Environment | Promise<Environment>;
  /** The check that names it. */
  readonly check: string;
  /** Of that check; `fail` where it is left out. */
  readonly status?: "warn";
  readonly code?: string;
  readonly says: RegExp;
  readonly remedy: RegExp;
  readonly exit: number;
  /** What cannot be checked because of it. */
  readonly skips?: readonly string[];
  /** Whatever else is to be seen. */
  readonly more?: (found: Diagnosed) => void;
}

type Environment = Readonly<Record<string, string>>;

export interface Broken {
  readonly azure: EmulatedAzure;
  /** What is in it is ended with the test. */
  readonly ends: AsyncDisposableStack;
  /** A cloud file that differs from the emulator's in this; gives the variable that names it. */
  cloud(changes: Readonly<Record<string, string | undefined>>): Promise<Environment>;
}

const APP = "0e0e0e0e-0000-4000-8000-0000000000c1";
export const SUBSCRIPTION = "0e0e0e0e-0000-4000-8000-000000000002";
export const SCOPE = `/subscriptions/${SUBSCRIPTION}`;
export const VM = `${SCOPE}/resourceGroups/app/providers/Microsoft.Compute/virtualMachines/web1`;
export const HOST = `${SCOPE}/resourceGroups/net/providers/Microsoft.Network/bastionHosts/hub`;
/** The program's own role in the emulated Azure. */
export const reader = (scope: string) => ({ principal: APP, role: "Reader" as const, scope });

/** `checks` are all that there are. */
export function testDoctor(one: DoctorCase, checks: readonly string[]): void {
  const { what, azure: options = {}, words = ["web1"], env, check, status = "fail", exit } = one;
  Deno.test(`doctor names ${what}: ${check}`, async () => {
    await using ends = new AsyncDisposableStack();
    const given = typeof options === "function" ? await options(ends) : options;
    await withDoctor(given, async (diagnose, azure) => {
      const cloud: Broken["cloud"] = async (changes) => {
        const file = azure.file("cloud.json");
        const own = JSON.parse(await Deno.readTextFile(azure.emulator.cloudFile));
        await Deno.writeTextFile(file, JSON.stringify({ ...own, ...changes }));
        return { BASTION_CLOUD_FILE: file };
      };
      const found = await diagnose(words, await env?.({ azure, ends, cloud }));
      const { report } = found;
      const all = JSON.stringify(report.checks, null, 1);
      assert.deepEqual(report.checks.map(({ name }) => name), checks, "every check has its say");
      const named = found.check(check);
      assert.equal(named.status, status, all);
      assert.equal(named.code, one.code);
      assert.match(named.found, one.says);
      assert.match(named.remedy ?? "", one.remedy);
      assert.equal(found.code, exit, all);
      assert.equal(report.ok, exit === 0);
      for (const name of one.skips ?? []) {
        const skipped = found.check(name);
        assert.equal(skipped.status, "skipped", `${name}: ${skipped.found}`);
        assert.ok(skipped.because?.includes(check), `${name}: ${skipped.found}`);
      }
      one.more?.(found);
    });
  });
}
