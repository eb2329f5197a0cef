import { dirname, join } from "node:path";
import type { OptionValues, PluginContext } from "../../core/mod.ts";
import { openStateDirectory } from "./state_directory.ts";

export interface HostKeyPolicy {
  readonly check: "accept-new" | "strict" | "off";
  /** The file with the keys that are known; nothing where none are kept. */
  readonly file?: string;
}

/** What `--host-key-check` and `--known-hosts` come to; `off` is warned of. */
export async function hostKeyPolicy(
  options: OptionValues,
  ctx: Pick<PluginContext, "error" | "log" | "platform">,
): Promise<HostKeyPolicy> {
  const { error, log } = ctx;
  const given = options["host-key-check"];
  const check = given === "off" || given === "strict" ? given : "accept-new";
  const asked = options["known-hosts"];
  if (check === "off") {
    log.warning("the VM's host key is not checked: whoever is in between can read and change all");
  }
  if (typeof asked === "string" && check !== "accept-new") return { check, file: asked };
  if (check === "off") return { check };
  const file = typeof asked === "string"
    ? asked
    : join(await openStateDirectory(ctx), "known_hosts");
  try {
    await makeWritable(file);
  } catch (cause) {
    const problem = cause instanceof Error ? cause.message : String(cause);
    throw error("ssh/known-hosts-unusable", { file, problem }, cause);
  }
  return { check, file };
}

/**
 * Made where it is missing, for the user alone: it tells which VMs there are.
 *
 * Threat: where ssh cannot keep a new key it goes on, and so takes any key the next time, too.
 */
async function makeWritable(file: string): Promise<void> {
  await Deno.mkdir(dirname(file), { recursive: true, mode: 0o700 });
  if (await keepsNothing(file)) return;
  (await Deno.open(file, { append: true, create: true, mode: 0o600 })).close();
}

/** A device, by which the user says so; a pipe would be waited for without end. */
async function keepsNothing(file: string): Promise<boolean> {
  try {
    const { isFile, isDirectory } = await Deno.stat(file);
    return !isFile && !isDirectory;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
