/** What comes from the core's and plugins' byte streams. */

import { Buffer } from "node:buffer";
import type { ByteSource, ByteStream } from "../../core/mod.ts";

/** All of it, to its end. */
export async function readSource(source: ByteSource, bufferSize = 64 * 1024): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for (;;) {
    const buffer = Buffer.alloc(bufferSize);
    const size = await source.read(buffer);
    if (size === null) return Buffer.concat(chunks);
    chunks.push(buffer.subarray(0, size));
  }
}

export async function textOfSource(source: ByteSource): Promise<string> {
  return (await readSource(source)).toString();
}

export async function writeToStream(
  stream: Pick<ByteStream, "write">,
  bytes: Uint8Array,
): Promise<void> {
  for (let at = 0; at < bytes.length;) at += await stream.write(bytes.subarray(at));
}
