import type { CommandContext, OptionValues } from "../../../core/mod.ts";
import { hostKeyPolicy } from "../host_key_policy.ts";
import { pathSetting } from "./ssh_setting.ts";

export interface HostKeySettings {
  readonly settings: readonly string[];
  /** The file with the keys that are known; nothing where none are kept. */
  readonly file?: string;
}

const STRICT = { "strict": "yes", "off": "no", "accept-new": "accept-new" } as const;

/**
 * Keys are kept in a file of our own, under the target's identity (HostKeyAlias): a local port says
 * nothing. The computer's file counts for no client, or they would differ.
 */
export async function hostKeySettings(
  options: OptionValues,
  ctx: Pick<CommandContext, "log" | "platform" | "error">,
): Promise<HostKeySettings> {
  const { check, file } = await hostKeyPolicy(options, ctx);
  const nowhere = ctx.platform.os === "windows" ? "NUL" : "/dev/null";
  return {
    ...(file === undefined ? {} : { file }),
    settings: [
      file === undefined
        ? `UserKnownHostsFile=${nowhere}`
        : pathSetting("UserKnownHostsFile", file, ctx),
      `GlobalKnownHostsFile=${nowhere}`,
      `StrictHostKeyChecking=${STRICT[check]}`,
      // Whoever looks into our file is to see which VM a key is of.
      "HashKnownHosts=no",
    ],
  };
}
