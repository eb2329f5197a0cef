import { resolve } from "node:path";
import type { PluginContext } from "../../core/mod.ts";

/** A private key's path, absolute, as `--ssh-key` has it: no shell may have read its `~`. */
export function keyPath(key: string, { cwd, platform }: Pick<PluginContext, "cwd" | "platform">) {
  // What PowerShell and a config file leave of it.
  return /^~[\\/]/.test(key) ? `${platform.home}${key.slice(1)}` : resolve(cwd, key);
}
