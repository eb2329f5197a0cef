/** What the data plane leads to: networks, power, roles, and the Developer SKU's pod. */

import assert from "node:assert/strict";
import { once } from "node:events";
// @ts-types="@types/ws"
import { WebSocket } from "ws";
import type { RunningEmulator } from "./emulator.ts";
import type { TestClient, TokenAnswer } from "./test_client.ts";
import { APP, subscriptions, testWorld, withWorld } from "./test_world.ts";

function idOf(emulator: RunningEmulator, name: string): string {
  return emulator.world.machines.find((vm) => vm.name === name)?.id ?? "";
}

async function open(url: string, emulator: RunningEmulator): Promise<WebSocket> {
  const webSocket = new WebSocket(url, { ca: emulator.ca, perMessageDeflate: false });
  await once(webSocket, "open");
  return webSocket;
}

/** What the echo behind the WebSocket answers, or how the WebSocket ends. */
async function say(webSocket: WebSocket, text: string): Promise<string> {
  const ended = new Promise<string>((resolve) =>
    webSocket.once("close", (code, reason) => resolve(`${code} ${reason}`))
  );
  const answered = new Promise<string>((resolve) =>
    webSocket.once("message", (data) => resolve(String(data)))
  );
  webSocket.send(text, { binary: true });
  const first = await Promise.race([answered, ended]);
  webSocket.close();
  await ended;
  return first;
}

async function visit(
  client: TestClient,
  emulator: RunningEmulator,
  fields: Record<string, string>,
): Promise<string> {
  const { status, text, json } = await client.post(fields);
  if (status !== 200) return `${status} ${text}`;
  const session = json as unknown as TokenAnswer;
  const answer = await say(await open(client.webSocketUrl(session), emulator), "hello");
  await client.deleteSession(session);
  return answer;
}

Deno.test("same network and peered ones are reached, VMs and instances, by id and by IP", () =>
  withWorld({}, async (client, emulator) => {
    const to = (name: string) => visit(client, emulator, { resourceId: idOf(emulator, name) });
    assert.equal(await to("near"), "hello");
    assert.equal(await to("web1"), "hello");
    assert.equal(await to("set/0"), "hello");
    assert.equal(await to("far"), "1011 The target could not be reached.");
  }));

Deno.test("one side of a peering alone leads nowhere", () =>
  withWorld({
    virtualNetworks: testWorld.virtualNetworks.map((network) => ({
      ...network,
      peerings: (network.peerings ?? []).map((one) => ({
        ...one,
        state: network.name === "hub-vnet" ? "Initiated" as const : "Connected" as const,
      })),
    })),
  }, async (client, emulator) => {
    const answer = await visit(client, emulator, { resourceId: idOf(emulator, "web1") });
    assert.equal(answer, "1011 The target could not be reached.");
  }));

Deno.test("a VM that is off cannot be reached, until it is started", () =>
  withWorld({}, async (client, emulator) => {
    const id = idOf(emulator, "near");
    emulator.setMachine({ id, powerState: "stopped" });
    assert.match(await visit(client, emulator, { resourceId: id }), /^1011/);
    emulator.setMachine({ id, powerState: "running" });
    assert.equal(await visit(client, emulator, { resourceId: id }), "hello");
    assert.throws(() => emulator.setMachine({ id: "nothing", powerState: "running" }), TypeError);
  }));

Deno.test("without Reader on host, VM, interface and peered network there is no session", async () => {
  const hub = `/subscriptions/${subscriptions.hub}`;
  const app = `/subscriptions/${subscriptions.spoke}/resourceGroups/app/providers`;
  const scopes = [
    hub,
    `${app}/Microsoft.Compute/virtualMachines/web1`,
    `${app}/Microsoft.Network/networkInterfaces/web1-nic`,
    `${app}/Microsoft.Network/virtualNetworks/spoke-vnet`,
  ];
  for (const missing of [undefined, ...scopes]) {
    const roles = scopes.filter((scope) => scope !== missing).map((scope) => ({
      principal: APP,
      scope,
    }));
    await withWorld({ roles }, async (client, emulator) => {
      const { status } = await client.post({ resourceId: idOf(emulator, "web1") });
      assert.equal(status, missing === undefined ? 200 : 403, missing);
    });
  }
});

Deno.test("the Developer SKU: a pod is named, and has the sessions", () =>
  withWorld({}, async (client, emulator) => {
    const host = emulator.world.bastionHosts.find(({ name }) => name === "dev");
    assert.ok(host);
    const azToken = await client.accessToken();
    const body = {
      resourceId: idOf(emulator, "near"),
      bastionResourceId: host.id,
      vmPort: 22,
      azToken,
      connectionType: "nativeclient",
    };
    const connect = (changes: Record<string, unknown>) =>
      client.request(`https://${emulator.dnsNameOf(host)}/api/connection`, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ ...body, ...changes }),
      });
    const statusOf = async (changes: Record<string, unknown>) => (await connect(changes)).status;
    assert.equal(await statusOf({ azToken: "x" }), 401);
    assert.equal(await statusOf({ connectionType: "browser" }), 400);
    assert.equal(await statusOf({ bastionResourceId: `${host.id}2` }), 400);
    assert.equal(await statusOf({ resourceId: `${body.resourceId}2` }), 404);
    const answer = await connect({});
    assert.match(answer.headers.get("Content-Type") ?? "", /^text\/plain/);
    const pod = answer.text;
    assert.match(pod, /^127\.0\.0\.1:\d+$/);
    assert.notEqual(pod, emulator.dnsNameOf(host));

    const post = (at: string, port: string) =>
      client.request(`https://${at}/api/tokens`, {
        method: "POST",
        body: new URLSearchParams({
          resourceId: body.resourceId,
          protocol: "tcptunnel",
          workloadHostPort: port,
          aztoken: azToken,
        }),
      });
    assert.equal((await post(emulator.dnsNameOf(host), "22")).status, 404, "no sessions there");
    assert.equal((await post(pod, "7")).status, 400, "custom ports are for other SKUs");
    const { json } = await post(pod, "22");
    const session = json as unknown as TokenAnswer;
    const token = encodeURIComponent(session.websocketToken);
    await assert.rejects(
      open(`wss://${pod}/webtunnelv2/${token}?X-Node-Id=${session.nodeId}`, emulator),
      /401/,
    );
    assert.equal(await say(await open(`wss://${pod}/omni/webtunnel/${token}`, emulator), "a"), "a");
    const removed = await client.request(
      `https://${pod}/api/tokens/${encodeURIComponent(session.authToken)}`,
      { method: "DELETE", headers: { "X-Node-Id": session.nodeId } },
    );
    assert.equal(removed.status, 204);
    emulator.setFaults([{ at: "connection", kind: "status", status: 503 }]);
    assert.equal(await statusOf({}), 503);
    assert.equal(emulator.stats().outstandingSessions, 0);
  }));
