import type { ByteSource } from "./tunnel/adaptive_reader.ts";

/**
 * Reads by buffers of the reader's what comes in chunks: what does not fit is kept for the next read.
 * One read at a time.
 * @param next the next chunk; null at the end
 */
export function chunkedSource(next: () => Promise<Uint8Array | null>): ByteSource {
  let rest: Uint8Array = new Uint8Array();
  return {
    async read(into) {
      if (into.length === 0) return 0;
      while (rest.length === 0) {
        const chunk = await next();
        if (chunk === null) return null;
        rest = chunk;
      }
      const size = Math.min(rest.length, into.length);
      into.set(rest.subarray(0, size));
      rest = rest.subarray(size);
      return size;
    },
  };
}
