import type { BastionHost, CommandContext, Invocation } from "../../../core/mod.ts";
import { checkClient } from "./check_client.ts";
import { findBastionHost } from "./find_bastion_host.ts";
import { findTargets } from "./find_targets.ts";
import type { HostBlock } from "./host_block.ts";
import { givenOptions } from "./own_command.ts";
import { sharedSettings } from "./shared_settings.ts";
import { targetBlocks } from "./target_blocks.ts";
import { wildcardBlock } from "./wildcard_block.ts";

/** What `ssh-config print` and `install` are asked for. @param all every VM, where none is named */
export async function planBlocks(
  invocation: Invocation,
  command: string,
  all: boolean,
  ctx: CommandContext,
): Promise<readonly HostBlock[]> {
  const { options } = invocation;
  const given = givenOptions(options, command, ctx);
  const named = await findTargets(invocation, all, ctx);
  const [first] = named;
  const host = (): Promise<BastionHost> =>
    first === undefined
      ? findBastionHost(invocation, ctx)
      : Promise.resolve(first.target.bastionHost);
  if (first === undefined) await checkClient(ctx);
  const shared = await sharedSettings(options, given, host, ctx);
  return first === undefined
    ? [await wildcardBlock(shared, options, given, ctx)]
    : await targetBlocks(named, shared, options, given, ctx);
}
