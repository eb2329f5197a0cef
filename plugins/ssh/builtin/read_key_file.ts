import type { PluginContext } from "../../../core/mod.ts";
import type { PrivateKeyText } from "./key_signer.ts";

/** No key or certificate is longer, in bytes. */
const MAX_SIZE = 64 * 1024;

/**
 * A private key, and the certificate that OpenSSH would take with it (`FILE-cert.pub`).
 * @throws Deno.errors.NotFound; BastionError `ssh/builtin-key`
 */
export async function readKeyFile(
  path: string,
  { error, platform }: Pick<PluginContext, "error" | "platform">,
): Promise<PrivateKeyText> {
  const info = await Deno.stat(path);
  const unusable = (problem: string) => error("ssh/builtin-key", { file: path, problem });
  if (!info.isFile || info.size > MAX_SIZE) throw unusable("it is no file of a key's size");
  const own = platform.hasFileModes && info.uid === Deno.uid();
  if (own && ((info.mode ?? 0) & 0o077) !== 0) {
    throw unusable("other users may read it; run: chmod 600");
  }
  const text = await Deno.readTextFile(path);
  try {
    const { isFile, size } = await Deno.stat(`${path}-cert.pub`);
    if (!isFile || size > MAX_SIZE) return { text };
    return { text, certificate: await Deno.readTextFile(`${path}-cert.pub`) };
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return { text };
    throw error;
  }
}
