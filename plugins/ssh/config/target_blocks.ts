/** One block for each VM. */

import type { CommandContext, OptionValues, Target } from "../../../core/mod.ts";
import { hostKeySettings } from "../native/host_key_settings.ts";
import { targetIdentity } from "../target_identity.ts";
import type { HostBlock } from "./host_block.ts";
import { ownCommand } from "./own_command.ts";
import type { SharedSettings } from "./shared_settings.ts";

/** A VM, and the hosts that mean it: at least one. */
export interface NamedTarget {
  readonly target: Target;
  readonly hosts: readonly [string, ...string[]];
}

export async function targetBlocks(
  named: readonly NamedTarget[],
  shared: SharedSettings,
  options: OptionValues,
  given: OptionValues,
  ctx: CommandContext,
): Promise<HostBlock[]> {
  const { settings: hostKeys } = await hostKeySettings(options, ctx);
  return named.map(({ target, hosts }) => {
    // An alias may say whom it signs in.
    const user = shared.user ?? target.user;
    return {
      host: hosts[0],
      patterns: hosts.join(" "),
      settings: [
        `ProxyCommand=${proxyLine(target, given, ctx)}`,
        ...(target.port === 22 ? [] : [`Port=${target.port}`]),
        `HostKeyAlias=${targetIdentity(target).keyAlias}`,
        ...hostKeys,
        ...(shared.user === undefined && user !== undefined ? [`User=${user}`] : []),
        ...shared.settings,
      ],
      ...(shared.renewal ? { renewal: { ...shared.renewal, hosts: hosts.join(",") } } : {}),
      target,
      ...(user === undefined ? {} : { user }),
    };
  });
}

/** By ids, so that nothing has to be found again. */
function proxyLine(target: Target, given: OptionValues, ctx: CommandContext): string {
  const { bastionHost, hostname, resourceId } = target;
  const where = hostname === undefined
    ? `--target-resource-id=${resourceId}`
    : `--target-ip-address=${hostname}`;
  const words = ["proxy", `--bastion=${bastionHost.id}`, where] as const;
  return ownCommand(words, given, ["--resource-port=%p"], ctx);
}
