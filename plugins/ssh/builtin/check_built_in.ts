import type { Invocation, PluginContext } from "../../../core/mod.ts";
import type { SessionPlan } from "../session_plan.ts";

/** Options that are OpenSSH's alone, by the letters or words that users know. */
const NATIVE_ONLY = {
  "port": "--port",
  "ssh-option": "-o",
  "remote-forward": "-R",
  "dynamic-forward": "-D",
} as const;

/**
 * Refuses what only OpenSSH can do, before anything is opened.
 * @throws BastionError `ssh/builtin-cannot`
 */
export function checkBuiltIn(
  { behind }: Pick<SessionPlan, "behind">,
  { options, rest }: Pick<Invocation, "options" | "rest">,
  { error }: Pick<PluginContext, "error">,
): void {
  if (behind) throw error("ssh/builtin-cannot", { option: "-J" });
  for (const [name, option] of Object.entries(NATIVE_ONLY)) {
    const value = options[name];
    if (value !== undefined && !(Array.isArray(value) && value.length === 0)) {
      throw error("ssh/builtin-cannot", { option });
    }
  }
  if (rest.length > 0) throw error("ssh/builtin-cannot", { option: "words behind --" });
}
