/** The checks of the VM: what the user may read of it, each resource on its own, and its power. */

import type { ArmClient } from "../azure/arm_client.ts";
import { dig } from "../azure/dig.ts";
import { NETWORK_API_VERSION } from "../azure/list_virtual_machines.ts";
import { networkId } from "../azure/network_id.ts";
import type { ResourceId } from "../azure/resource_id.ts";
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
import { isBastionError } from "../errors.ts";
import type { Target } from "../target/target.ts";
import type { CredentialChecks } from "./credential_checks.ts";
import type { DoctorDoors } from "./doctor_doors.ts";
import { labelOfId } from "./label_of_id.ts";
import type { Checked, Plan } from "./plan.ts";
import { readResource } from "./read_resource.ts";

/**
 * @param named the VM's id, where it is known although the target was not found
 * @returns those that a role may be missing for
 */
export function addMachineChecks(
  plan: Plan,
  doors: DoctorDoors,
  { token }: CredentialChecks,
  target: Checked<Target>,
  arm: Checked<unknown>,
  named: ResourceId | undefined,
): readonly Checked<unknown>[] {
  const read = <Document>(what: string, id: string, ask: (arm: ArmClient) => Promise<Document>) =>
    readResource(doors, token, what, id, ask);

  const machine = plan.add({
    name: "reader-vm",
    title: "Reader on the VM",
    needs: [arm, token],
    after: [target],
    async run(signal) {
      const id = parseMachineId(target.peek()?.resourceId) ?? named;
      if (!id && target.peek()) {
        return { skipped: "the target is named by its address, or is no VM" };
      }
      if (!id) return { skipped: "which VM is meant is not known", because: [target.name] };
      const what = `VM ${labelOfId(id.id)}`;
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
          `the network interfaces of VM ${labelOfId(id.id)}`,
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
            const what = `network interface ${labelOfId(one)}`;
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
        const what = `VNet ${labelOfId(id)}`;
        try {
          await read(what, id, (arm) => arm.get(id, NETWORK_API_VERSION, what, signal));
        } catch (error) {
          if (!isBastionError(error, "role-missing") || id !== own) throw error;
          unread.push(what);
        }
      }
      return {
        found: unread.length === 0
          ? `${networks.value().map(labelOfId).join(", ")} can be read`
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

  return [machine, networks, network];
}
