/** The checks of what the user may read, each resource on its own, and of roles that sleep (PIM). */

import type { ArmClient } from "../azure/arm_client.ts";
import { BASTION_API_VERSION } from "../azure/bastion_host.ts";
import { dig } from "../azure/dig.ts";
import { NETWORK_API_VERSION } from "../azure/list_virtual_machines.ts";
import { networkId } from "../azure/network_id.ts";
import { parseResourceId } from "../azure/resource_id.ts";
import {
  COMPUTE_API_VERSION,
  NETWORK_API_VERSION as INSTANCE_NETWORK_API_VERSION,
} from "../azure/scale_set_instances.ts";
import {
  checkVirtualMachine,
  describeMachine,
  interfaceIds,
  parseMachineId,
  powerIn,
  VM_FIELDS,
} from "../azure/virtual_machine.ts";
import { bastionError, isBastionError } from "../errors.ts";
import { printable } from "../secret.ts";
import type { CredentialChecks } from "./credential_checks.ts";
import type { DoctorDoors } from "./doctor_doors.ts";
import type { Checked, Finding, Plan } from "./plan.ts";
import type { ProgramChecks } from "./program_checks.ts";
import type { NamedIds, TargetChecks } from "./target_checks.ts";

const ELIGIBILITY_API_VERSION = "2020-10-01";

/** Adds them; `named` is what is known even where the target was not found. */
export function addRoleChecks(
  plan: Plan,
  doors: DoctorDoors,
  { cloud }: ProgramChecks,
  { token, subscriptions, tenant }: CredentialChecks,
  { target }: TargetChecks,
  arm: Checked<unknown>,
  named: NamedIds,
): void {
  const common = { needs: [arm, token], after: [target] };

  async function read<Document>(
    what: string,
    scope: string,
    ask: (arm: ArmClient) => Promise<Document>,
  ): Promise<NonNullable<Document>> {
    try {
      const document = await ask(await doors.arm());
      if (document !== undefined && document !== null) return document;
    } catch (error) {
      if (!isBastionError(error, "arm-forbidden")) throw error;
      const { objectId, username } = token.value().facts;
      throw bastionError("role-missing", {
        what,
        detail: error.params["detail"] ?? "",
        command: assignCommand(objectId ?? username, scope),
      }, error);
    }
    throw bastionError("resource-missing", { what, id: printable(scope, 400) });
  }

  plan.add({
    name: "reader-host",
    title: "Reader on the host",
    ...common,
    async run(signal) {
      const id = target.peek()?.bastionHost.id ?? named.host?.id;
      if (id === undefined) {
        return { skipped: "the bastion host is not known", because: [target.name] };
      }
      const what = `bastion host ${labelOf(id)}`;
      await read(what, id, (arm) => arm.get(id, BASTION_API_VERSION, what, signal));
      return { found: `${what} can be read`, value: undefined };
    },
  });

  const machine = plan.add({
    name: "reader-vm",
    title: "Reader on the VM",
    ...common,
    async run(signal) {
      const id = parseMachineId(target.peek()?.resourceId) ?? named.machine;
      if (!id && target.peek()) {
        return { skipped: "the target is named by its address, or is no VM" };
      }
      if (!id) return { skipped: "which VM is meant is not known", because: [target.name] };
      const what = `VM ${labelOf(id.id)}`;
      const query = { "$expand": "instanceView" };
      const document = await read(
        what,
        id.id,
        (arm) => arm.get(id.id, COMPUTE_API_VERSION, what, signal, query),
      );
      return { found: `${what} can be read`, value: { id, document } };
    },
  });

  const networks = plan.add({
    name: "reader-nic",
    title: "Reader on the VM's interface",
    needs: [machine],
    async run(signal) {
      const { id, document } = machine.value();
      const found = id.names.length > 1
        ? await read(
          `the network interfaces of VM ${labelOf(id.id)}`,
          id.id,
          (arm) =>
            arm.list(
              `${id.id}/networkInterfaces`,
              INSTANCE_NETWORK_API_VERSION,
              "the network interfaces",
              signal,
            ),
        )
        : await Promise.all(
          interfaceIds(dig(document, VM_FIELDS.interfaces)).map((one) => {
            const what = `network interface ${labelOf(one)}`;
            return read(what, one, (arm) => arm.get(one, NETWORK_API_VERSION, what, signal));
          }),
        );
      const value = found.flatMap((one) => {
        const configurations = dig(one, "properties.ipConfigurations");
        return Array.isArray(configurations) ? configurations : [];
      }).map((one) => networkId(dig(one, "properties.subnet.id"))).filter((one) =>
        one !== undefined
      );
      if (value.length === 0) return { skipped: "the VM has no network interface in a VNet" };
      return {
        found: found.length === 1 ? "it can be read" : `all ${found.length} can be read`,
        value: [...new Set(value)],
      };
    },
  });

  const network = plan.add({
    name: "reader-vnet",
    title: "Reader on the VM's VNet",
    needs: [networks],
    after: [target],
    async run(signal) {
      const own = target.peek()?.bastionHost.network;
      const unread: string[] = [];
      for (const id of networks.value()) {
        const what = `VNet ${labelOf(id)}`;
        try {
          await read(what, id, (arm) => arm.get(id, NETWORK_API_VERSION, what, signal));
        } catch (error) {
          if (!isBastionError(error, "role-missing") || id !== own) throw error;
          unread.push(what);
        }
      }
      return {
        found: unread.length === 0
          ? `${networks.value().map(labelOf).join(", ")} can be read`
          : `${unread.join(", ")} cannot be read, and need not be: the bastion host stands in it`,
        value: undefined,
      };
    },
  });

  plan.add({
    name: "vm-power",
    title: "VM's power",
    needs: [machine],
    run() {
      const { id, document } = machine.value();
      const power = powerIn(dig(document, "properties.instanceView.statuses"));
      const vm = describeMachine(id, { power }, []);
      checkVirtualMachine(vm);
      return { found: vm.power ?? "Azure does not tell", value: undefined };
    },
  });

  plan.add({
    name: "pim",
    title: "Roles to activate (PIM)",
    needs: [arm, token],
    after: [subscriptions, tenant, target, machine, networks, network],
    async run(signal): Promise<Finding<void>> {
      const ids = [
        target.peek()?.bastionHost.subscription,
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
      const all = await Promise.all([target, machine, networks, network].map((one) => one.result));
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

function labelOf(id: string): string {
  const parsed = parseResourceId(id);
  return printable(parsed ? `${parsed.resourceGroup}/${parsed.names.join("/")}` : id, 250);
}

/** For a shell, into which it may be pasted: what would say more there is left to the user. */
function assignCommand(assignee: string | undefined, scope: string): string {
  const who = assignee !== undefined && /^[\w.@-]+$/.test(assignee) ? assignee : "USER";
  const where = /^[\p{L}\p{N}/_.()-]+$/u.test(scope) ? `"${scope}"` : "ID";
  return `az role assignment create --role Reader --assignee ${who} --scope ${where}`;
}
