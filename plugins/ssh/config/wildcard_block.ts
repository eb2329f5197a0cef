import type { CommandContext, OptionValues } from "../../../core/mod.ts";
import { hostKeyPolicy } from "../host_key_policy.ts";
import type { HostBlock } from "./host_block.ts";
import { quotedToken, wildcardList, wildcardPatterns } from "./host_patterns.ts";
import { ownCommand, placeWords } from "./own_command.ts";
import type { SharedSettings } from "./shared_settings.ts";

/** One block for all VMs: which one is meant, and by which key it is known, we are asked each time. */
export async function wildcardBlock(
  shared: SharedSettings,
  options: OptionValues,
  given: OptionValues,
  ctx: CommandContext,
): Promise<HostBlock> {
  const { os } = ctx.platform;
  const places = placeWords(given);
  const proxy = ownCommand(["proxy", ...places], given, [
    "--resource-port=%p",
    quotedToken(os),
  ], ctx);
  return {
    host: "*.bastion",
    patterns: wildcardPatterns,
    settings: [
      `ProxyCommand=${proxy}`,
      ...await hostKeySettings(places, options, given, ctx),
      ...shared.settings,
    ],
    ...(shared.renewal ? { renewal: { ...shared.renewal, hosts: wildcardList } } : {}),
    ...(shared.user === undefined ? {} : { user: shared.user }),
  };
}

/** HostKeyAlias expands no tokens; ssh asks our command instead, which knows the VM's identity. */
async function hostKeySettings(
  places: readonly string[],
  options: OptionValues,
  given: OptionValues,
  ctx: CommandContext,
): Promise<string[]> {
  const { check, file } = await hostKeyPolicy(options, ctx);
  const nowhere = ctx.platform.os === "windows" ? "NUL" : "/dev/null";
  const none = [`UserKnownHostsFile=${nowhere}`, `GlobalKnownHostsFile=${nowhere}`];
  if (check === "off" || file === undefined) return [...none, "StrictHostKeyChecking=no"];
  const own = options["known-hosts"];
  const words = [
    ...places,
    `--host-key-check=${check}`,
    ...(typeof own === "string" ? [`--known-hosts=${own}`] : []),
  ];
  // No shell reads it: ssh parts the words itself, before it fills in the tokens.
  const tokens = ["--resource-port=%p", "%h", "%H", "%I", "%t", "%K"];
  const command = ownCommand(["ssh-known-hosts", ...words], given, tokens, ctx);
  return [
    `KnownHostsCommand=${ctx.platform.os === "windows" ? command.replaceAll("\\", "/") : command}`,
    ...none,
    // Our command has accepted and recorded what is new.
    "StrictHostKeyChecking=yes",
  ];
}
