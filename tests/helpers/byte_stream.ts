/** Streams of random bytes in writes of every size, and their hashes on the way. */

import { createHash } from "node:crypto";
import { randomBytes } from "./file_tree.ts";
import { writeAll } from "./local_server.ts";

const MAX_WRITE = 1024 ** 2;

/**
 * Sizes of writes, log-uniform from 1 byte to 1 MiB, `total` in all: a third of them is below 100
 * bytes. Their number is bounded by their mean of some 75 kB.
 */
export function* writeSizes(total: number): Generator<number> {
  for (let left = total; left > 0;) {
    const size = Math.min(left, Math.floor(Math.exp(Math.random() * Math.log(MAX_WRITE))) || 1);
    left -= size;
    yield size;
  }
}

/** What writes are cut from: twice the largest, so that no two of them begin alike. */
const source = randomBytes(2 * MAX_WRITE);

/** Writes `total` bytes, and tells their SHA-256. */
export async function sendBytes(conn: Deno.Conn, total: number): Promise<string> {
  const hash = createHash("sha256");
  for (const size of writeSizes(total)) {
    const at = Math.floor(Math.random() * (source.length - size));
    const bytes = source.subarray(at, at + size);
    hash.update(bytes);
    await writeAll(conn, bytes);
  }
  return hash.digest("hex");
}

/** Reads `total` bytes, or less where the far side ends, and tells their SHA-256. */
export async function receiveBytes(conn: Deno.Conn, total: number): Promise<string> {
  const hash = createHash("sha256");
  const buffer = new Uint8Array(256 * 1024);
  for (let left = total; left > 0;) {
    const n = await conn.read(buffer.subarray(0, Math.min(left, buffer.length)));
    if (n === null) break;
    hash.update(buffer.subarray(0, n));
    left -= n;
  }
  return hash.digest("hex");
}
