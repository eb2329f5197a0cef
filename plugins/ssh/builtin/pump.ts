import type { ByteSource } from "../../../core/mod.ts";

/** What an SSH channel carries in one piece, in bytes, as most servers have it. */
const PIECE = 32 * 1024;

/** Carries all bytes to the end of `from`; no more is read than `write` has taken. */
export async function pump(
  from: ByteSource,
  write: (bytes: Uint8Array) => Promise<number>,
): Promise<void> {
  const buffer = new Uint8Array(PIECE);
  for (let size = await from.read(buffer); size !== null; size = await from.read(buffer)) {
    for (let at = 0; at < size;) at += await write(buffer.subarray(at, size));
  }
}
