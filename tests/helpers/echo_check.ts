/** Whether an echo is behind a port: the shortest proof that a tunnel carries bytes both ways. */

import assert from "node:assert/strict";
import { writeAll } from "./local_server.ts";

const WORDS = new TextEncoder().encode("there and back again");

/** @throws Error where something else comes back, or nothing */
export async function assertEcho(port: number, hostname = "127.0.0.1"): Promise<void> {
  using conn = await Deno.connect({ hostname, port });
  await writeAll(conn, WORDS);
  const received = new Uint8Array(WORDS.length);
  let length = 0;
  while (length < received.length) {
    const n = await conn.read(received.subarray(length));
    assert.notEqual(n, null, `EOF after ${length} bytes`);
    length += n ?? 0;
  }
  assert.deepEqual(received, WORDS);
}
