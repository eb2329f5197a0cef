/** A text file that only its owner can read: what is in it lets whoever reads it act as the user. */

import { dirname } from "node:path";
import { type Dpapi, windowsDpapi } from "./dpapi.ts";
import { bastionError, isBastionError, messageOf } from "./errors.ts";
import type { Platform } from "./platform.ts";
import { ensurePrivateDirectory } from "./private_directory.ts";

export interface PrivateFile {
  /**
   * The text; undefined where there is no file.
   * @throws BastionError `private-file-unsafe`, `file-failed`
   */
  read(): Promise<string | undefined>;
  /**
   * Puts `text` in the place of what was there, whole or not at all.
   * @throws BastionError `private-directory-unsafe`, `private-file-unsafe`, `file-failed`
   */
  write(text: string): Promise<void>;
  /** Nothing happens where there is none. */
  remove(): Promise<void>;
}

/** A file that is longer, in bytes, is not one of ours. */
const MAX_SIZE = 16 * 1024 * 1024;

/**
 * On Windows, which has no modes, the text is encrypted for the user (DPAPI), and the list of who
 * may read is checked.
 */
export function privateFile(
  path: string,
  platform: Platform,
  dpapi: Dpapi | undefined = platform.hasFileModes ? undefined : windowsDpapi(platform),
): PrivateFile {
  const failed = (action: string, error: unknown) =>
    isBastionError(error)
      ? error
      : bastionError("file-failed", { file: path, action, problem: messageOf(error) }, error);
  return {
    async read() {
      try {
        const text = await readOwn(path, platform);
        return text === undefined || !dpapi ? text : await dpapi.unprotect(text, path);
      } catch (error) {
        throw failed("read", error);
      }
    },
    async write(text) {
      const draft = `${path}.${crypto.randomUUID()}.tmp`;
      try {
        await ensurePrivateDirectory(dirname(path), platform);
        const kept = dpapi ? await dpapi.protect(text, dirname(path)) : text;
        await Deno.writeTextFile(draft, kept, { createNew: true, mode: 0o600 });
        await Deno.rename(draft, path);
      } catch (error) {
        await Deno.remove(draft).catch(() => {});
        throw failed("written", error);
      }
    },
    async remove() {
      try {
        await Deno.remove(path);
      } catch (error) {
        if (!(error instanceof Deno.errors.NotFound)) throw failed("removed", error);
      }
    },
  };
}

/**
 * For what is no secret. On Windows the profile's own list of who may enter is enough for it:
 * starting PowerShell to encrypt it would take longer than to do without.
 */
export function plainPrivateFile(path: string, platform: Platform): PrivateFile {
  const asItIs = (text: string) => Promise.resolve(text);
  return platform.hasFileModes
    ? privateFile(path, platform)
    : privateFile(path, platform, { protect: asItIs, unprotect: asItIs });
}

async function readOwn(path: string, platform: Platform): Promise<string | undefined> {
  let info: Deno.FileInfo;
  try {
    // Not followed: a link could lead to where somebody else writes.
    info = await Deno.lstat(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
  const command = (...words: [string, ...string[]]) => platform.commandLine([...words, path]);
  if (info.isSymlink) {
    const remedy = platform.hasFileModes ? `Remove it: ${command("rm")}` : "Remove it.";
    throw unsafe(path, "it is a link", remedy);
  }
  if (!info.isFile) throw unsafe(path, "it is not a file", "Move it away.");
  using file = await Deno.open(path);
  // What was opened, not what was looked at before it.
  const { mode, uid, size } = await file.stat();
  if (platform.hasFileModes) {
    if (mode !== null && (mode & 0o077) !== 0) {
      const problem = `its mode is ${(mode & 0o777).toString(8)}`;
      throw unsafe(path, problem, `Run: ${command("chmod", "600")}`);
    }
    const own = Deno.uid();
    if (own !== null && uid !== null && uid !== own) {
      throw unsafe(path, "it is another user's", `Remove it: ${command("rm")}`);
    }
  }
  if (size > MAX_SIZE) throw new Error(`it is larger than ${MAX_SIZE} bytes`);
  return await new Response(file.readable).text();
}

function unsafe(path: string, problem: string, remedy: string): Error {
  return bastionError("private-file-unsafe", { path, problem, remedy });
}
