import assert from "node:assert/strict";
import { ignoresHangup } from "./hangup.ts";

Deno.test("what nohup asks for is seen, where the system tells", () => {
  assert.equal(ignoresHangup("Name:\tdeno\nSigIgn:\t0000000000001001\n"), true);
  assert.equal(ignoresHangup("SigIgn:\t0000000000001000\n"), false);
  assert.equal(ignoresHangup(""), false);
});
