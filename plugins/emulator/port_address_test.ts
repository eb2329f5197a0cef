import assert from "node:assert/strict";
import { portAddress } from "./port_address.ts";

Deno.test("portAddress: built-in servers, others by IPv4, name and IPv6, and ports without one", () => {
  const echo = { host: "127.0.0.1", port: 7 };
  const ssh = { host: "127.0.0.1", port: 22 };
  const cases = [
    ["echo", echo],
    ["ssh", ssh],
    ["127.0.0.1:2222", { host: "127.0.0.1", port: 2222 }],
    ["db.test:5432", { host: "db.test", port: 5432 }],
    ["[::1]:80", { host: "::1", port: 80 }],
    ["filtered", "filtered"],
    [undefined, undefined],
  ] as const;
  for (const [to, address] of cases) assert.deepEqual(portAddress(to, { echo, ssh }), address, to);
  assert.equal(portAddress("ssh", { echo, ssh: undefined }), undefined);
});
