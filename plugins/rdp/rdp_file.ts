/** The .rdp file that a launcher opens: in a directory of its own until the end, or kept. */

import { dirname, join } from "node:path";
import type { PluginContext } from "../../core/mod.ts";
import { type RdpAddress, rdpSettings } from "./rdp_settings.ts";

export interface RdpFile extends AsyncDisposable {
  readonly path: string;
}

/** A longer file, in bytes, is none of settings. */
const MAX_SIZE = 1024 * 1024;
/** Windows writes its own in UTF-16, and marks them so. */
const UTF16_MARK = [0xff, 0xfe];

type Doors = Pick<PluginContext, "error">;

/**
 * @param kept where the file is to stay; what it says already, besides the address, goes on to hold
 * @throws BastionError `rdp/file-odd`, `file-failed`
 */
export async function writeRdpFile(
  address: RdpAddress,
  kept: string | undefined,
  { error }: Doors,
): Promise<RdpFile> {
  if (kept !== undefined) {
    const earlier = await readEarlier(kept, error);
    const text = rdpSettings(address, earlier);
    if (text === undefined) throw odd(kept, "it holds something else", error);
    await replace(kept, encode(text), error);
    return { path: kept, [Symbol.asyncDispose]: () => Promise.resolve() };
  }
  let directory: string | undefined;
  try {
    // Only its owner can enter it (0700).
    directory = await Deno.makeTempDir({ prefix: "bastion-rdp-" });
    const path = join(directory, "bastion.rdp");
    await Deno.writeFile(path, encode(rdpSettings(address) ?? ""), {
      createNew: true,
      mode: 0o600,
    });
    const made = directory;
    return { path, [Symbol.asyncDispose]: () => remove(made) };
  } catch (cause) {
    if (directory !== undefined) await remove(directory);
    throw failed(directory ?? "a temporary directory", "written", cause, error);
  }
}

async function readEarlier(path: string, error: Doors["error"]): Promise<string | undefined> {
  if (!/\.rdp$/i.test(path)) throw odd(path, "its name does not end in .rdp", error);
  let bytes: Uint8Array;
  try {
    const { isFile, size } = await Deno.stat(path);
    if (!isFile) throw odd(path, "it is not a file", error);
    if (size > MAX_SIZE) throw odd(path, `it is larger than ${MAX_SIZE} bytes`, error);
    bytes = await Deno.readFile(path);
  } catch (cause) {
    if (cause instanceof Deno.errors.NotFound) return undefined;
    throw cause instanceof Error && "code" in cause && cause.code === "rdp/file-odd"
      ? cause
      : failed(path, "read", cause, error);
  }
  const wide = UTF16_MARK.every((byte, at) => bytes[at] === byte);
  try {
    return new TextDecoder(wide ? "utf-16le" : "utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw odd(path, "it is neither UTF-8 nor UTF-16", error);
  }
}

/** Plain where that is enough; as Windows writes it where it is not. */
function encode(text: string): Uint8Array {
  if (/^[\x20-\x7e\r\n\t]*$/.test(text)) return new TextEncoder().encode(text);
  const bytes = new Uint8Array(2 + 2 * text.length);
  bytes.set(UTF16_MARK);
  const view = new DataView(bytes.buffer);
  for (let at = 0; at < text.length; at++) view.setUint16(2 + 2 * at, text.charCodeAt(at), true);
  return bytes;
}

/** Whole or not at all: the user's settings may be in what is replaced. */
async function replace(path: string, bytes: Uint8Array, error: Doors["error"]): Promise<void> {
  const draft = join(dirname(path), `.${crypto.randomUUID()}.tmp`);
  try {
    await Deno.writeFile(draft, bytes, { createNew: true, mode: 0o600 });
    await Deno.rename(draft, path);
  } catch (cause) {
    await Deno.remove(draft).catch(() => {});
    throw failed(path, "written", cause, error);
  }
}

/** A program may still hold it open, on Windows; then the system's own clearing removes it. */
async function remove(directory: string): Promise<void> {
  await Deno.remove(directory, { recursive: true }).catch(() => {});
}

function odd(file: string, problem: string, error: Doors["error"]): Error {
  return error("rdp/file-odd", { file, problem });
}

function failed(file: string, action: string, cause: unknown, error: Doors["error"]): Error {
  const problem = cause instanceof Error ? cause.message : String(cause);
  return error("file-failed", { file, action, problem }, cause);
}
