import type { CommandContext, OptionValues } from "../../../core/mod.ts";
import { hostKeyPolicy } from "../host_key_policy.ts";
import { pathSetting } from "./ssh_setting.ts";

export interface HostKeySettings {
  readonly settings: readonly string[];
  /** The file with the keys that are known; nothing where none are kept. */
  readonly file?: string;
}

const STRICT = { "strict": "yes", "off": "no", "accept-new": "accept-new" } as const;

/** Keys are kept in a file of our own, under the target's identity: a local port says nothing. */
export async function hostKeySettings(
  options: OptionValues,
  keyAlias: string,
  ctx: Pick<CommandContext, "log" | "platform" | "error">,
): Promise<HostKeySettings> {
  const { check, file } = await hostKeyPolicy(options, ctx);
  const settings = [`HostKeyAlias=${keyAlias}`, `StrictHostKeyChecking=${STRICT[check]}`];
  if (file === undefined) {
    const nowhere = ctx.platform.os === "windows" ? "NUL" : "/dev/null";
    return { settings: [...settings, `UserKnownHostsFile=${nowhere}`] };
  }
  return {
    file,
    settings: [
      ...settings,
      pathSetting("UserKnownHostsFile", file, ctx),
      // Whoever looks into our file is to see which VM a key is of.
      "HashKnownHosts=no",
    ],
  };
}
