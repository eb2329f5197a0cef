/** Reads the beginning of a file. */

/**
 * The first `limit` bytes of a file at most. A device, which has no end and says that its size is 0,
 * is not read for ever.
 */
export async function readSome(file: string, limit: number): Promise<Uint8Array<ArrayBuffer>> {
  using opened = await Deno.open(file);
  let buffer = new Uint8Array(Math.min(limit, 64 * 1024));
  let size = 0;
  for (;;) {
    if (size === buffer.length) {
      if (size >= limit) break;
      const larger = new Uint8Array(Math.min(limit, size * 2));
      larger.set(buffer);
      buffer = larger;
    }
    const read = await opened.read(buffer.subarray(size));
    if (read === null) break;
    size += read;
  }
  return buffer.subarray(0, size);
}
