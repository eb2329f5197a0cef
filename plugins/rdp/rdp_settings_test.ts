import assert from "node:assert/strict";
import { rdpSettings } from "./rdp_settings.ts";

const lines = (text: string | undefined) => text?.split("\r\n").slice(0, -1);

Deno.test("rdpSettings: address and user, and one screen", () => {
  assert.deepEqual(lines(rdpSettings({ port: 50001 })), [
    "full address:s:localhost:50001",
    "alternate full address:s:localhost:50001",
    "use multimon:i:0",
  ]);
  assert.deepEqual(
    lines(rdpSettings({ port: 1, user: "CORP\\ann" }))?.at(-1),
    "username:s:CORP\\ann",
  );
});

Deno.test("rdpSettings: what was there stays, but for what leads elsewhere", () => {
  const earlier = [
    "Full Address:s:10.0.0.4",
    "alternate full address:s:10.0.0.4:3389",
    "server port:i:3389",
    "screen mode id:i:2",
    "use multimon:i:1",
    "",
    "gatewayhostname:s:gateway.example",
    "gatewayusagemethod:i:1",
    "signature:s:AQAB",
    "signscope:s:Full Address",
    "winposstr:s:0,1,2:3",
    "username:s:bob",
  ];
  for (const end of ["\n", "\r\n"]) {
    assert.deepEqual(lines(rdpSettings({ port: 7 }, earlier.join(end))), [
      "full address:s:localhost:7",
      "alternate full address:s:localhost:7",
      "screen mode id:i:2",
      "use multimon:i:1",
      "winposstr:s:0,1,2:3",
      "username:s:bob",
    ]);
  }
  const named = lines(rdpSettings({ port: 7, user: "ann" }, earlier.join("\n")));
  assert.deepEqual(named?.filter((line) => line.startsWith("username")), ["username:s:ann"]);
});

Deno.test("rdpSettings: what it has written it reads back", () => {
  const once = rdpSettings({ port: 7, user: "ann" });
  assert.deepEqual(
    lines(rdpSettings({ port: 8, user: "ann" }, once))?.sort(),
    lines(once)?.map((line) => line.replace(/7$/, "8")).sort(),
  );
});

for (const other of ["hello", "full address:s:x\nhello", "[remmina]\nserver=x", "a:bc:d"]) {
  Deno.test(`rdpSettings: ${JSON.stringify(other)} is none of it`, () => {
    assert.equal(rdpSettings({ port: 7 }, other), undefined);
  });
}
