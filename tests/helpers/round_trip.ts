/** Whether a connection that is open still carries a byte there and back. */

import assert from "node:assert/strict";

const BYTE = 42;

/** @throws Error where something else comes back, or nothing */
export async function roundTrip(conn: Deno.Conn): Promise<void> {
  await conn.write(new Uint8Array([BYTE]));
  const received = new Uint8Array(1);
  assert.equal(await conn.read(received), 1, "the connection ended");
  assert.equal(received[0], BYTE);
}
