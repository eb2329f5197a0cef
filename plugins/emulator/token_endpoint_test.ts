import assert from "node:assert/strict";
import { demoWorld } from "./demo_world.ts";
import { startEmulator } from "./emulator.ts";
import { createTestClient } from "./test_client.ts";
import type { WorldInput } from "./world_schema.ts";

type HostInput = NonNullable<WorldInput["bastionHosts"]>[number];

function worldWith(changes: Partial<HostInput>): WorldInput {
  const [host] = demoWorld.bastionHosts;
  return { ...demoWorld, bastionHosts: [{ ...host, ...changes }] };
}

Deno.test("a session is given, and taken back once", async () => {
  await using emulator = await startEmulator();
  using client = createTestClient(emulator);
  const session = await client.session(22);
  assert.notEqual(session.authToken, session.websocketToken);
  for (const secret of [session.authToken, session.websocketToken]) {
    assert.ok(emulator.secrets().includes(secret));
  }
  assert.equal(emulator.stats().outstandingSessions, 1);
  assert.equal((await client.deleteSession(session, "another")).status, 404);
  assert.equal((await client.deleteSession(session)).status, 204);
  assert.equal((await client.deleteSession(session)).status, 404);
  const { tokenPosts, sessionsIssued, tokenDeletes, tokenDeletesUnknown, outstandingSessions } =
    emulator.stats();
  assert.deepEqual(
    { tokenPosts, sessionsIssued, tokenDeletes, tokenDeletesUnknown, outstandingSessions },
    {
      tokenPosts: 1,
      sessionsIssued: 1,
      tokenDeletes: 1,
      tokenDeletesUnknown: 2,
      outstandingSessions: 0,
    },
  );
});

Deno.test("tokens need escaping now and then", async () => {
  await using emulator = await startEmulator();
  using client = createTestClient(emulator);
  let all = "";
  for (let i = 0; i < 20; i++) all += (await client.session(7)).authToken;
  for (const character of "/+=") assert.ok(all.includes(character), character);
  assert.equal(emulator.stats().dataPlaneConnections, 1, "connections are kept alive");
});

Deno.test("every request that the real service refuses is refused", async () => {
  await using emulator = await startEmulator();
  using client = createTestClient(emulator);
  const id = emulator.world.virtualMachines[0]?.id ?? "";
  const ip = id.replace(/providers.*/, "providers/Microsoft.Network/bh-hostConnect/10.0.0.4");
  const cases: [string, Record<string, string | undefined>, number, RegExp][] = [
    ["no token", { aztoken: "" }, 401, /./],
    ["a bad token", { aztoken: "eyJ.eyJ.x" }, 401, /invalid/],
    ["another protocol", { protocol: "ssh" }, 400, /protocol/],
    ["no port", { workloadHostPort: undefined }, 400, /workloadHostPort/],
    ["no such port", { workloadHostPort: "70000" }, 400, /workloadHostPort/],
    ["no resource id", { resourceId: "demo-vm" }, 400, /resourceId/],
    ["an unknown VM", { resourceId: `${id}2` }, 404, /not found/],
    [
      "IP connect without hostname",
      { resourceId: ip, workloadHostPort: "22" },
      404,
      /^Invalid IP address for connection\.$/,
    ],
    [
      "IP connect to another address than the id's",
      { resourceId: ip, hostname: "10.0.0.5", workloadHostPort: "22" },
      404,
      /Invalid IP/,
    ],
    [
      "IP connect to an address without VM",
      {
        resourceId: ip.replace("10.0.0.4", "10.0.0.9"),
        hostname: "10.0.0.9",
        workloadHostPort: "22",
      },
      404,
      /Invalid IP/,
    ],
    [
      "IP connect to a custom port",
      { resourceId: ip, hostname: "10.0.0.4", workloadHostPort: "7" },
      400,
      /Custom ports/,
    ],
  ];
  for (const [what, fields, status, message] of cases) {
    const answer = await client.post(fields);
    assert.equal(answer.status, status, what);
    assert.match(String(answer.json["message"]), message, what);
  }
  const good = await client.post({ resourceId: ip, hostname: "10.0.0.4", workloadHostPort: "22" });
  assert.equal(good.status, 200);
  const slash = await client.post({ resourceId: `${id}/` });
  assert.equal(slash.status, 200, "a slash at the end is harmless");
  const official = await client.post({ token: "", extra: "x" });
  assert.equal(official.status, 200, "what the official client sends besides is ignored");
});

Deno.test("an Authorization header or a JSON body gives 500, as seen", async () => {
  await using emulator = await startEmulator();
  using client = createTestClient(emulator);
  const token = await client.accessToken();
  const header = await client.post({ aztoken: token }, {
    headers: { Authorization: `Bearer ${token}` },
  });
  assert.equal(header.status, 500);
  const json = await client.post({ aztoken: token }, {
    body: "{}",
    headers: { "Content-Type": "application/json" },
  });
  assert.equal(json.status, 500);
});

Deno.test("SKU and features of the host decide", async () => {
  const unfit: Partial<HostInput>[] = [{ sku: "Basic" }, { enableTunneling: false }];
  for (const changes of unfit) {
    await using emulator = await startEmulator({ world: worldWith(changes) });
    using client = createTestClient(emulator);
    const { status, json } = await client.post({});
    assert.equal(status, 400);
    assert.match(String(json["message"]), /Native client support/);
  }
});

Deno.test("IP connect must be switched on", async () => {
  await using emulator = await startEmulator({ world: worldWith({ enableIpConnect: false }) });
  using client = createTestClient(emulator);
  const id = emulator.world.virtualMachines[0]?.id ?? "";
  const { status, json } = await client.post({
    resourceId: id.replace(/providers.*/, "providers/Microsoft.Network/bh-hostConnect/10.0.0.4"),
    hostname: "10.0.0.4",
    workloadHostPort: "22",
  });
  assert.equal(status, 400);
  assert.match(String(json["message"]), /IP connect is not enabled/);
});
