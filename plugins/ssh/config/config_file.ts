/** The user's ssh configuration, of which all but our block is his. */

import { basename, dirname, join } from "node:path";
import { Buffer } from "node:buffer";
import type { CommandContext } from "../../../core/mod.ts";
import { type MarkedText, readMarked } from "./marked_block.ts";

export interface ConfigFile extends MarkedText {
  /** Where it is, links followed. */
  readonly path: string;
  /** All of it, a character for each byte; nothing where there is no file. */
  readonly text?: string;
  /** Its permission bits. */
  readonly mode: number;
}

type Context = Pick<CommandContext, "error" | "platform">;

/** No real one is larger, in bytes. */
const MAX_SIZE = 4 * 1024 * 1024;

/** @throws BastionError `ssh/config-file-…` */
export async function readConfigFile(file: string, ctx: Context): Promise<ConfigFile> {
  const unusable = (problem: string, cause?: unknown) =>
    ctx.error("ssh/config-file-unusable", { file, problem }, cause);
  let path = file;
  let info: Deno.FileInfo;
  let text: string;
  try {
    // A link stays one: dotfiles are kept elsewhere.
    path = await Deno.realPath(file);
    info = await Deno.stat(path);
    if (!info.isFile) throw new TypeError("it is not a file");
    if (info.size > MAX_SIZE) throw new RangeError(`it is larger than ${MAX_SIZE} bytes`);
    text = Buffer.from(await Deno.readFile(path)).toString("latin1");
  } catch (error) {
    if (error instanceof Deno.errors.NotFound && !await isLink(file)) {
      return { path: file, mode: 0o600, rest: "" };
    }
    throw unusable(error instanceof Error ? error.message : String(error), error);
  }
  // ssh refuses it, too; whoever can write there can have ssh run what he likes.
  if (ctx.platform.hasFileModes && info.mode !== null) {
    if ((info.mode & 0o022) !== 0) throw unusable("others may write to it; chmod go-w helps");
    const own = Deno.uid();
    if (info.uid !== null && info.uid !== own && info.uid !== 0) {
      throw unusable("it is another user's");
    }
  }
  const marked = readMarked(text);
  if (marked === undefined) throw ctx.error("ssh/config-marks", { file });
  return { ...marked, path, text, mode: (info.mode ?? 0o600) & 0o777 };
}

/** Whole or not at all; what was there before stays beside it. @returns the backup's path */
export async function writeConfigFile(
  { path, text, mode }: ConfigFile,
  next: string,
  ctx: Context,
): Promise<string | undefined> {
  const draft = join(dirname(path), `.${basename(path)}.${crypto.randomUUID()}.tmp`);
  const backup = text === undefined ? undefined : `${path}.bastion-backup`;
  try {
    await Deno.mkdir(dirname(path), { recursive: true, mode: 0o700 });
    if (backup !== undefined && text !== undefined) await replace(backup, text, draft, mode, ctx);
    await replace(path, next, draft, mode, ctx);
  } catch (error) {
    await Deno.remove(draft).catch(() => {});
    const problem = error instanceof Error ? error.message : String(error);
    throw ctx.error("ssh/config-file-unusable", { file: path, problem }, error);
  }
  return backup;
}

async function replace(
  path: string,
  text: string,
  draft: string,
  mode: number,
  { platform }: Pick<Context, "platform">,
): Promise<void> {
  await Deno.writeFile(draft, Buffer.from(text, "latin1"), { createNew: true, mode });
  // The mode that a file is made with is less by the umask.
  if (platform.hasFileModes) await Deno.chmod(draft, mode);
  await Deno.rename(draft, path);
}

async function isLink(file: string): Promise<boolean> {
  try {
    return (await Deno.lstat(file)).isSymlink;
  } catch {
    return false;
  }
}
