/** The checks of what the user may read, each resource on its own, and of roles that sleep (PIM). */

import type { ArmClient } from "../azure/arm_client.ts";
import { BASTION_API_VERSION, type BastionHost } from "../azure/bastion_host.ts";
import { dig } from "../azure/dig.ts";
import { isBastionError } from "../errors.ts";
import { printable } from "../secret.ts";
import type { Target } from "../target/target.ts";
import type { CredentialChecks } from "./credential_checks.ts";
import type { DoctorDoors } from "./doctor_doors.ts";
import { labelOfId } from "./label_of_id.ts";
import { addMachineChecks } from "./machine_checks.ts";
import type { Checked, Finding, Plan } from "./plan.ts";
import type { ProgramChecks } from "./program_checks.ts";
import { readResource } from "./read_resource.ts";
import type { NamedIds } from "./target_checks.ts";

const ELIGIBILITY_API_VERSION = "2020-10-01";

/** What the user has named: a target, or a bastion host alone. */
export interface Way {
  /** The check that finds it. */
  readonly found: Checked<unknown>;
  readonly target?: Checked<Target>;
  /** Nothing where it was not found. */
  host(): BastionHost | undefined;
}

/** Adds them; `named` is what is known even where nothing was found. */
export function addRoleChecks(
  plan: Plan,
  doors: DoctorDoors,
  { cloud }: ProgramChecks,
  credential: CredentialChecks,
  way: Way,
  arm: Checked<unknown>,
  named: NamedIds,
): void {
  const { token, subscriptions, tenant } = credential;

  plan.add({
    name: "reader-host",
    title: "Reader on the host",
    needs: [arm, token],
    after: [way.found],
    async run(signal) {
      const id = way.host()?.id ?? named.host?.id;
      if (id === undefined) {
        return { skipped: "the bastion host is not known", because: [way.found.name] };
      }
      const what = `bastion host ${labelOfId(id)}`;
      await readResource(
        doors,
        token,
        what,
        id,
        (client) => client.get(id, BASTION_API_VERSION, what, signal),
      );
      return { found: `${what} can be read`, value: undefined };
    },
  });

  const machine = way.target
    ? addMachineChecks(plan, doors, credential, way.target, arm, named.machine)
    : [];

  plan.add({
    name: "pim",
    title: "Roles to activate (PIM)",
    needs: [arm, token],
    after: [subscriptions, tenant, way.found, ...machine],
    async run(signal): Promise<Finding<void>> {
      const ids = [
        way.host()?.subscription,
        named.host?.subscription,
        named.machine?.subscription,
        tenant.peek(),
      ].filter((id) => id !== undefined).map((id) => id.toLowerCase());
      if (ids.length === 0) return { skipped: "it is not clear which subscription is meant" };
      const eligible = new Set<string>();
      for (const id of new Set(ids)) {
        for (const role of await eligibleRoles(await doors.arm(), id, signal)) eligible.add(role);
      }
      if (eligible.size === 0) return { found: "none", value: undefined };
      const found = [...eligible].sort().slice(0, 8).join("; ");
      const all = await Promise.all([way.found, ...machine].map((one) => one.result));
      const isMissed = all.some(({ exit }) => exit === "forbidden" || exit === "not-found") ||
        (await subscriptions.result).status === "fail";
      if (!isMissed) return { found: `${found} (not needed for what was read)`, value: undefined };
      const { portal } = cloud.value();
      return {
        status: "warn",
        found: `eligible, but not active: ${found}`,
        remedy: "Activate it: in the portal, Privileged Identity Management, My roles, Azure " +
          `resources${
            portal === undefined ? "" : ` (${portal})`
          }. Then sign in anew, or wait some minutes.`,
        value: undefined,
      };
    },
  });
}

/** `Reader on GROUP/NAME`; nothing where Azure, or the tenant's licence, does not tell. */
async function eligibleRoles(
  arm: ArmClient,
  subscription: string,
  signal: AbortSignal,
): Promise<string[]> {
  const path = `/subscriptions/${subscription}/providers/Microsoft.Authorization` +
    "/roleEligibilityScheduleInstances";
  let found: readonly unknown[];
  try {
    found = await arm.list(path, ELIGIBILITY_API_VERSION, "the eligible roles", signal, {
      "$filter": "asTarget()",
    });
  } catch (error) {
    // A tenant without the licence refuses the question (400), others may forbid it.
    if (isBastionError(error, "arm-refused", "arm-forbidden")) return [];
    throw error;
  }
  return found.map((one) => {
    const role = dig(one, "properties.expandedProperties.roleDefinition.displayName");
    const scope = dig(one, "properties.scope");
    const where = typeof scope === "string" ? printable(scope, 300) : "a scope that is not told";
    return `${typeof role === "string" ? printable(role, 100) : "a role"} on ${where}`;
  });
}
