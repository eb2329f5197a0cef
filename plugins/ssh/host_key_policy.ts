import { dirname } from "node:path";
import type { OptionValues, PluginContext } from "../../core/mod.ts";

export interface HostKeyPolicy {
  readonly check: "accept-new" | "strict" | "off";
  /** The file with the keys that are known; nothing where none are kept. */
  readonly file?: string;
}

/** What `--host-key-check` and `--known-hosts` come to; `off` is warned of. */
export async function hostKeyPolicy(
  options: OptionValues,
  { error, log, platform }: Pick<PluginContext, "error" | "log" | "platform">,
): Promise<HostKeyPolicy> {
  const given = options["host-key-check"];
  const check = given === "off" || given === "strict" ? given : "accept-new";
  const asked = options["known-hosts"];
  if (check === "off") {
    log.warning("the VM's host key is not checked: whoever is in between can read and change all");
  }
  if (typeof asked === "string") return { check, file: asked };
  if (check === "off") return { check };
  const file = `${platform.stateDirectory}/known_hosts`;
  try {
    await Deno.mkdir(dirname(file), { recursive: true, mode: 0o700 });
    await makePrivate(file);
  } catch (cause) {
    const problem = cause instanceof Error ? cause.message : String(cause);
    throw error("ssh/known-hosts-unusable", { file, problem }, cause);
  }
  return { check, file };
}

/** ssh would make it readable for all, and with it which VMs there are. */
async function makePrivate(file: string): Promise<void> {
  try {
    await Deno.writeTextFile(file, "", { createNew: true, mode: 0o600 });
  } catch (error) {
    if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
  }
}
