/** Tells what is wrong with a private key's file, before a client says "Permission denied" of it. */

import { bastionError, messageOf } from "../../errors.ts";
import type { Platform } from "../../platform.ts";

/** No private key is longer; more is not read, whatever the file is. */
const MAX_SIZE = 64 * 1024;

export interface KeyFile {
  /** As the user wrote it. */
  readonly given: string;
  /** Absolute. */
  readonly path: string;
}

/** @throws BastionError `key-file-…` */
export async function checkKeyFile(
  { given, path }: KeyFile,
  platform: Pick<Platform, "hasFileModes">,
): Promise<void> {
  if (/^https?:\/\//i.test(given)) throw bastionError("key-file-vault", vaultParams(given));
  let info: Deno.FileInfo;
  let text: string;
  try {
    info = await Deno.stat(path);
    if (info.isDirectory) throw bastionError("key-file-directory", { file: path });
    // What is neither, a device or a pipe, might never end, or give what it has only once.
    text = info.isFile ? await readStart(path) : "";
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) {
      throw bastionError("key-file-not-found", { file: path }, error);
    }
    if (!(error instanceof Error) || "code" in error && error.code === "key-file-directory") {
      throw error;
    }
    throw bastionError("key-file-unreadable", { file: path, problem: messageOf(error) }, error);
  }
  if (/^PuTTY-User-Key-File-\d/.test(text)) throw bastionError("key-file-putty", { file: path });
  if (isPublic(text)) {
    const meant = path.endsWith(".pub") ? path.slice(0, -".pub".length) : `${path} without .pub`;
    throw bastionError("key-file-public", { file: path, meant });
  }
  if (!/^-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY-----/m.test(text)) {
    throw bastionError("key-file-unknown", { file: path });
  }
  // OpenSSH ignores such a file, and what the user then sees is that the server refuses him.
  if (platform.hasFileModes && info.mode !== null && (info.mode & 0o077) !== 0) {
    const mode = (info.mode & 0o777).toString(8).padStart(4, "0");
    if (info.uid === null || info.uid === Deno.uid()) {
      throw bastionError("key-file-open", { file: path, mode });
    }
  }
}

async function readStart(path: string): Promise<string> {
  using file = await Deno.open(path);
  const buffer = new Uint8Array(MAX_SIZE);
  let size = 0;
  for (;;) {
    const read = await file.read(buffer.subarray(size));
    if (read === null || read === 0) break;
    size += read;
  }
  return new TextDecoder().decode(buffer.subarray(0, size));
}

/** OpenSSH's one line, a certificate's, or one of the formats of other tools. */
function isPublic(text: string): boolean {
  return /^(?:ssh-|ecdsa-|sk-)\S+ [A-Za-z0-9+/=]{16}/.test(text) ||
    /^(?:---- BEGIN SSH2 PUBLIC KEY ----|-----BEGIN (?:[A-Z0-9]+ )*PUBLIC KEY-----)/m.test(text);
}

/** `https://VAULT.vault…/keys|secrets/NAME[/VERSION]`, as the portal shows it. */
function vaultParams(given: string): { url: string; command: string } {
  const url = URL.canParse(given) ? new URL(given) : undefined;
  const [, kind, name] = url?.pathname.split("/") ?? [];
  const vault = url?.hostname.split(".")[0];
  const word = /^[\w-]+$/;
  const plain = vault && name && word.test(vault) && word.test(name);
  return {
    url: url === undefined ? given : `${url.origin}${url.pathname}`,
    command: plain && kind === "secrets"
      ? `az keyvault secret download --vault-name ${vault} --name ${name} --file key.pem`
      : "az keyvault secret download --vault-name VAULT --name SECRET --file key.pem",
  };
}
