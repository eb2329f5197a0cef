import assert from "node:assert/strict";
import { demoWorld } from "./demo_world.ts";
import { startEmulator } from "./emulator.ts";
import { createTestClient } from "./test_client.ts";

Deno.test("only the loopback address is listened on", async () => {
  for (const listen of ["0.0.0.0:0", "[::]:0", "192.168.1.1:443", "example.com:1", "127.0.0.1"]) {
    await assert.rejects(startEmulator({ listen }), /does not listen on/, listen);
  }
});

Deno.test("a port that is taken is named, and nothing is left behind", async () => {
  await using first = await startEmulator();
  const listen = new URL(first.endpoint).host;
  await assert.rejects(
    startEmulator({ listen }),
    new RegExp(`cannot listen on ${listen}: .*in use`, "i"),
  );
});

Deno.test("files are private, and say where everything is", async () => {
  await using emulator = await startEmulator();
  const modeOf = async (path: string) => ((await Deno.stat(path)).mode ?? 0) & 0o777;
  assert.equal(await modeOf(emulator.directory), 0o700);
  for await (const { name, isFile } of Deno.readDir(emulator.directory)) {
    if (isFile) assert.equal(await modeOf(`${emulator.directory}/${name}`), 0o600, name);
  }
  assert.deepEqual(JSON.parse(await Deno.readTextFile(emulator.cloudFile)), {
    name: "Emulator",
    resourceManager: emulator.endpoint,
    authority: emulator.endpoint,
    audience: "https://management.emulator.test",
    sshCertificateScope: "https://pas.emulator.test/CheckMyAccess/Linux/.default",
    dataPodSuffix: "127.0.0.1",
    caFile: emulator.caFile,
  });
  assert.equal(await Deno.readTextFile(emulator.caFile), emulator.ca);
});

Deno.test("Azure's clock may be another than this computer's", async () => {
  await using emulator = await startEmulator({ world: { ...demoWorld, clockOffset: 3600 } });
  using client = createTestClient(emulator);
  const { headers } = await client.get("/subscriptions?api-version=2022-12-01");
  const ahead = Date.parse(headers.get("Date") ?? "") - Date.now();
  assert.ok(ahead > 3_500_000 && ahead <= 3_600_000, String(ahead));
});

Deno.test("two hosts have each their own data plane and sessions", async () => {
  await using emulator = await startEmulator({
    world: {
      bastionHosts: ["one", "two"].map((name) => ({
        name,
        resourceGroup: "net",
        enableTunneling: true,
      })),
      virtualMachines: [
        { name: "vm", resourceGroup: "app", privateIp: "10.0.0.4", ports: { 7: "echo" } },
      ],
      faults: [{ at: "token", host: "two", kind: "status", status: 403 }],
    },
  });
  assert.equal(emulator.ssh, undefined);
  using client = createTestClient(emulator);
  const session = await client.session(7);
  const [, two] = emulator.world.bastionHosts;
  assert.ok(two);
  const elsewhere = await client.request(
    `https://${emulator.dnsNameOf(two)}/api/tokens/${encodeURIComponent(session.authToken)}`,
    { method: "DELETE", headers: { "X-Node-Id": session.nodeId } },
  );
  assert.equal(elsewhere.status, 404);
});

Deno.test("a hundred WebSockets at once, and every session deleted", async () => {
  await using emulator = await startEmulator();
  using client = createTestClient(emulator);
  await Promise.all(Array.from({ length: 100 }, async (_, i) => {
    const session = await client.session(7);
    const { WebSocket } = await import("ws");
    const webSocket = new WebSocket(client.webSocketUrl(session), { ca: emulator.ca });
    await new Promise((resolve) => webSocket.once("open", resolve));
    const answer = new Promise<string>((resolve) =>
      webSocket.once("message", (data: unknown) => resolve(String(data)))
    );
    webSocket.send(`hello ${i}`, { binary: true });
    assert.equal(await answer, `hello ${i}`);
    const closed = new Promise((resolve) => webSocket.once("close", resolve));
    webSocket.close();
    await closed;
    assert.equal((await client.deleteSession(session)).status, 204);
  }));
  const { tokenPosts, tokenDeletes, outstandingSessions, openWebSockets } = emulator.stats();
  assert.deepEqual([tokenPosts, tokenDeletes, outstandingSessions], [100, 100, 0]);
  assert.ok(openWebSockets <= 100);
});

Deno.test("a client that leaves before the TLS handshake leaves no half-open connection", async () => {
  await using emulator = await startEmulator();
  const port = Number(new URL(emulator.endpoint).port);
  using conn = await Deno.connect({ hostname: "127.0.0.1", port });
  await conn.closeWrite();
  const timer = setTimeout(() => conn.close(), 10_000);
  const ended = await conn.read(new Uint8Array(1)).catch((error) => error.name);
  clearTimeout(timer);
  assert.ok(ended === null || ended === "ConnectionReset", String(ended));
});
