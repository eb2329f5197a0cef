import assert from "node:assert/strict";
import { bastionCommand, bastionEnvironment, eventsOf } from "./bastion_process.ts";

Deno.test("eventsOf: complete lines that are events, and nothing else", () => {
  const stdout = [
    "Tunnel is ready",
    '{"event":"listening","port":7}',
    '{"version":"1"}',
    '{"event":"stopped"}',
    '{"event":"half',
  ].join("\n");
  assert.deepEqual(eventsOf(stdout), [{ event: "listening", port: 7 }, { event: "stopped" }]);
});

Deno.test("bastionEnvironment: nothing of the machine's steers the program", () => {
  Deno.env.set("BASTION_PROBE", "1");
  try {
    const env = bastionEnvironment({ AZURE_TENANT_ID: "t" });
    assert.equal(env["BASTION_PROBE"], undefined);
    assert.equal(env["PATH"], Deno.env.get("PATH"));
    assert.equal(env["AZURE_TENANT_ID"], "t");
  } finally {
    Deno.env.delete("BASTION_PROBE");
  }
});

Deno.test("bastionCommand: from source it is this Deno, with the project's settings", () => {
  const command = bastionCommand();
  assert.equal(command[0], Deno.execPath());
  assert.match(command.at(-1) ?? "", /cli.main\.ts$/);
});
