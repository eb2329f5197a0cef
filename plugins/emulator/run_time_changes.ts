/** What may change while the emulator runs: users, VMs, and device codes that wait. */

import { z } from "zod";
import type { DeviceCodes } from "./device_codes.ts";
import type { Directory } from "./directory.ts";
import { sameName } from "./resource_id.ts";
import { powerState } from "./resource_schema.ts";
import { strictObject } from "./strict_object.ts";
import { findVirtualMachine, type World } from "./world.ts";

export const userChange = strictObject({
  userPrincipalName: z.string(),
  /** Refresh tokens are good for nothing from now on; signing in anew works. */
  revoked: z.literal(true).optional(),
  /** As `revoked`, and Entra says that more than a password is wanted. */
  interactionRequired: z.boolean().optional(),
  disabled: z.boolean().optional(),
  autoApprove: z.boolean().optional(),
});

export const appChange = strictObject({
  clientId: z.string(),
  /** No more tokens for the app (AADSTS7000112); those that it has go on. */
  disabled: z.boolean(),
});

export const machineChange = strictObject({
  /** Id of a VM or an instance. */
  id: z.string(),
  powerState,
});

export const deviceCodeChange = strictObject({
  userCode: z.string(),
  /** Who approves it; without one it is declined. */
  userPrincipalName: z.string().optional(),
});

/** Each tells what is not there; undefined once it is done. */
export interface RunTimeChanges {
  changeUser(change: z.input<typeof userChange>): string | undefined;
  changeApp(change: z.input<typeof appChange>): string | undefined;
  changeMachine(change: z.input<typeof machineChange>): string | undefined;
  settleDeviceCode(change: z.input<typeof deviceCodeChange>): string | undefined;
}

export function createRunTimeChanges(
  world: World,
  directory: Directory,
  devices: DeviceCodes,
): RunTimeChanges {
  const noUser = (name: string) => `There is no user ${name}.`;
  return {
    changeUser({ userPrincipalName, revoked, interactionRequired, disabled, autoApprove }) {
      const user = directory.findUser(userPrincipalName);
      if (!user) return noUser(userPrincipalName);
      if (revoked || interactionRequired) user.generation++;
      user.interactionRequired = interactionRequired ?? user.interactionRequired;
      user.disabled = disabled ?? user.disabled;
      user.autoApprove = autoApprove ?? user.autoApprove;
      return undefined;
    },
    changeApp({ clientId, disabled }) {
      const apps = world.servicePrincipals.filter((one) => sameName(one.clientId, clientId));
      for (const app of apps) app.disabled = disabled;
      return apps.length > 0 ? undefined : `There is no app ${clientId}.`;
    },
    changeMachine({ id, powerState: state }) {
      const vm = findVirtualMachine(world, id);
      if (!vm) return `There is no VM ${id}.`;
      vm.powerState = state;
      return undefined;
    },
    settleDeviceCode({ userCode, userPrincipalName }) {
      const user = userPrincipalName === undefined
        ? undefined
        : directory.findUser(userPrincipalName);
      if (userPrincipalName !== undefined && !user) return noUser(userPrincipalName);
      return devices.settle(userCode, user)
        ? undefined
        : `No program waits with the code ${userCode}.`;
    },
  };
}
