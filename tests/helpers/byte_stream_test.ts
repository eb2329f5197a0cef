import assert from "node:assert/strict";
import { receiveBytes, sendBytes, writeSizes } from "./byte_stream.ts";

Deno.test("write sizes: their sum, their range, small ones among them", () => {
  const sizes = [...writeSizes(64 * 1024 ** 2)];
  assert.equal(sizes.reduce((sum, size) => sum + size, 0), 64 * 1024 ** 2);
  assert.ok(sizes.every((size) => size >= 1 && size <= 1024 ** 2));
  assert.ok(sizes.length > 100 && sizes.length < 5000, `${sizes.length} writes`);
  assert.ok(sizes.some((size) => size < 10) && sizes.some((size) => size > 500_000));
});

Deno.test("what is received has the hash of what was sent", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const [near, far] = await Promise.all([
    Deno.connect({ hostname: "127.0.0.1", port: listener.addr.port }),
    listener.accept(),
  ]);
  using _near = near;
  using _far = far;
  const total = 3 * 1024 ** 2 + 5;
  const [sent, received] = await Promise.all([sendBytes(near, total), receiveBytes(far, total)]);
  assert.equal(received, sent);
});
