import type { PluginContext } from "../../../core/mod.ts";

/**
 * A path as the value of a setting: quoted, and `%` doubled, which ssh would take for a token.
 * OpenSSH's versions disagree on everything else, so that it is refused.
 */
export function pathSetting(
  name: string,
  path: string,
  ctx: Pick<PluginContext, "platform" | "error">,
): string {
  const plain = ctx.platform.os === "windows" ? path.replaceAll("\\", "/") : path;
  if (/["\\\r\n\0]|\$\{/.test(plain)) {
    throw ctx.error("ssh/path-odd", { path: plain });
  }
  return `${name}="${plain.replaceAll("%", "%%")}"`;
}

/** Settings as ssh's arguments. */
export function settingOptions(settings: readonly string[]): string[] {
  return settings.flatMap((setting) => ["-o", setting]);
}
