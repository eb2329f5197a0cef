/** The environment that `bastion emulator` and its `exec` hand to a user's programs. */

import type { RunningEmulator } from "./emulator.ts";

export function userEnvironment(
  { environment, directory }: Pick<RunningEmulator, "environment" | "directory">,
): Readonly<Record<string, string>> {
  return {
    ...environment,
    // The VMs have other keys at every start, and the same ids: among the user's own known hosts,
    // the second start would look like an attack.
    BASTION_KNOWN_HOSTS: `${directory}/bastion_known_hosts`,
  };
}
