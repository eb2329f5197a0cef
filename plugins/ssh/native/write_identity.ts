import type { PluginContext } from "../../../core/mod.ts";
import { pathSetting } from "./ssh_setting.ts";

/** A key as OpenSSH reads it: the private one, or the public one of a key that an agent has. */
export interface Identity {
  readonly text: string;
  readonly isPublic: boolean;
  /** One line. */
  readonly certificate?: string | undefined;
}

/**
 * Writes its files (0600), and tells the settings that name them.
 * @param file of both files, without what OpenSSH's names for them end in
 */
export async function writeIdentity(
  file: string,
  { text, isPublic, certificate }: Identity,
  ctx: Pick<PluginContext, "platform" | "error">,
): Promise<string[]> {
  const key = isPublic ? `${file}.pub` : file;
  await writePrivately(key, text);
  const settings = [pathSetting("IdentityFile", key, ctx)];
  if (certificate === undefined) return settings;
  await writePrivately(`${file}-cert.pub`, certificate);
  return [...settings, pathSetting("CertificateFile", `${file}-cert.pub`, ctx)];
}

async function writePrivately(file: string, text: string): Promise<void> {
  await Deno.writeTextFile(file, `${text.trimEnd()}\n`, { createNew: true, mode: 0o600 });
}
