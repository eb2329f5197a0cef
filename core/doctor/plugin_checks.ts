/** The plugins' checks, behind the core's. */

import { BastionError, bastionError, messageOf } from "../errors.ts";
import { isRecord } from "../record.ts";
import type { Target } from "../target/target.ts";
import type { CheckFinding } from "./check.ts";
import type { DoctorDoors } from "./doctor_doors.ts";
import type { Checked, Finding, Plan } from "./plan.ts";

export function addPluginChecks(
  plan: Plan,
  doors: DoctorDoors,
  target: Checked<Target> | undefined,
  after: readonly Checked<unknown>[],
): void {
  for (const { plugin, value: check } of doors.checks) {
    const hook = `the check ${check.name}`;
    plan.add({
      name: `${plugin}/${check.name}`,
      title: check.title,
      after,
      async run(signal) {
        const resolved = target?.peek();
        let answer: unknown;
        try {
          const subject = { signal, ...(resolved ? { target: resolved } : {}) };
          answer = await check.run(subject, doors.context(plugin));
        } catch (error) {
          signal.throwIfAborted();
          if (error instanceof BastionError) throw error;
          throw bastionError("plugin-failed", { plugin, hook, problem: messageOf(error) }, error);
        }
        if (!isFinding(answer)) {
          throw bastionError("plugin-failed", { plugin, hook, problem: "it returned no finding" });
        }
        return toFinding(answer);
      },
    });
  }
}

function toFinding({ status, found, remedy = "" }: CheckFinding): Finding<void> {
  if (status === "skipped") return { skipped: found };
  if (status !== "fail") return { status, found, remedy, value: undefined };
  throw bastionError("plugin-check", { problem: found, remedy });
}

/** A stranger's plugin is JavaScript, whatever its type says. */
function isFinding(value: unknown): value is CheckFinding {
  return isRecord(value) && typeof value["found"] === "string" &&
    ["ok", "warn", "fail", "skipped"].includes(String(value["status"])) &&
    (value["remedy"] === undefined || typeof value["remedy"] === "string");
}
