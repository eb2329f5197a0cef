/** `bastion ssh --auth-type aad`, to a real sshd that believes Entra's certificates. */

import type { AzureOptions } from "./emulated_azure.ts";
import { type BastionSsh, withSsh } from "./bastion_ssh.ts";

/** The service principal that the emulator's environment brings. */
export const AAD_APP = "0e0e0e0e-0000-4000-8000-0000000000c1";

export interface AadOptions {
  /** Who exists on the VM; the app, where it is left out. */
  readonly user?: string;
  /** Whose certificates the VM accepts; Entra's, where it is left out. */
  readonly authority?: string;
  readonly azure?: Omit<AzureOptions, "ports">;
}

export function withAad(
  body: (way: BastionSsh) => Promise<void>,
  { user = AAD_APP, authority, azure = {} }: AadOptions = {},
): Promise<void> {
  return withSsh(body, {
    azure,
    sshd: async ({ emulator }) => {
      const entras = `${emulator.directory}/ssh_user_ca.pub`;
      return {
        certificates: { user, authority: authority ?? await Deno.readTextFile(entras) },
      };
    },
  });
}
