import { dirname } from "node:path";
import type { CommandContext, OptionValues } from "../../../core/mod.ts";
import { pathSetting } from "./ssh_setting.ts";

export interface HostKeySettings {
  readonly settings: readonly string[];
  /** The file with the keys that are known; nothing where none are kept. */
  readonly file?: string;
}

/** Keys are kept in a file of our own, under the target's identity: a local port says nothing. */
export async function hostKeySettings(
  options: OptionValues,
  keyAlias: string,
  ctx: CommandContext,
): Promise<HostKeySettings> {
  const check = options["host-key-check"];
  const asked = options["known-hosts"];
  const { stateDirectory, os } = ctx.platform;
  const alias = `HostKeyAlias=${keyAlias}`;
  if (check === "off") {
    ctx.log.warning(
      "the VM's host key is not checked: whoever is in between can read and change all",
    );
    if (typeof asked !== "string") {
      const nowhere = os === "windows" ? "NUL" : "/dev/null";
      return {
        settings: [alias, "StrictHostKeyChecking=no", `UserKnownHostsFile=${nowhere}`],
      };
    }
  }
  const file = typeof asked === "string" ? asked : `${stateDirectory}/known_hosts`;
  if (typeof asked !== "string") await Deno.mkdir(dirname(file), { recursive: true, mode: 0o700 });
  const strict = check === "strict" ? "yes" : check === "off" ? "no" : "accept-new";
  return {
    file,
    settings: [
      alias,
      `StrictHostKeyChecking=${strict}`,
      pathSetting("UserKnownHostsFile", file, ctx),
      // Whoever looks into our file is to see which VM a key is of.
      "HashKnownHosts=no",
    ],
  };
}
