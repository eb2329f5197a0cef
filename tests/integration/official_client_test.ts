/**
 * The requests of the Azure CLI's bastion extension, in its order: what the emulator takes, the real
 * service is known to take. Older versions chain their sessions, which ours never does.
 */

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { once } from "node:events";
// @ts-types="@types/ws"
import { WebSocket } from "ws";
import { type RunningEmulator, startEmulator } from "../../plugins/emulator/emulator.ts";
import { createTestClient, type TestClient } from "../../plugins/emulator/test_client.ts";
import type { WorldInput } from "../../plugins/emulator/world_schema.ts";
import { eventually } from "../helpers/eventually.ts";
import { patternBytes } from "../helpers/http_servers.ts";

/** Payload bytes of a frame, at most. */
const FRAME = 4096;

interface Session {
  readonly authToken: string;
  readonly nodeId: string;
  readonly websocketToken: string;
}

interface Official {
  readonly emulator: RunningEmulator;
  readonly client: TestClient;
  /** The ARM token that it sends in forms. */
  readonly aztoken: string;
  readonly hostId: string;
  readonly vmId: string;
  /** Host name and port that the bastion host has in Resource Manager. */
  readonly dnsName: string;
}

async function withOfficialClient(
  host: Partial<NonNullable<WorldInput["bastionHosts"]>[number]>,
  body: (official: Official) => Promise<void>,
): Promise<void> {
  await using emulator = await startEmulator({
    world: {
      bastionHosts: [{ name: "hub", resourceGroup: "net", ...host }],
      virtualMachines: [{
        name: "web1",
        resourceGroup: "app",
        privateIp: "10.1.0.4",
        ports: { 22: "echo", 8080: "echo" },
      }],
    },
    env: () => undefined,
  });
  using client = createTestClient(emulator);
  const [{ id: hostId = "" } = {}] = emulator.world.bastionHosts;
  const [{ id: vmId = "" } = {}] = emulator.world.virtualMachines;
  const aztoken = await client.accessToken();
  // First of all it looks at the host: SKU, features, address.
  const { status, json } = await client.get(`${hostId}?api-version=2024-01-01`, aztoken);
  assert.equal(status, 200);
  const properties = json["properties"] as Record<string, unknown>;
  const dnsName = String(properties["dnsName"]);
  await body({ emulator, client, aztoken, hostId, vmId, dnsName });
}

/** POST /api/tokens; `last` is the session before, as older versions send it. */
async function openSession(
  { client, aztoken, vmId }: Official,
  endpoint: string,
  fields: Readonly<Record<string, string>> = {},
  last?: Session,
): Promise<Session> {
  const body = new URLSearchParams({
    resourceId: vmId,
    protocol: "tcptunnel",
    workloadHostPort: "22",
    aztoken,
    ...(last ? { token: last.authToken } : {}),
    ...fields,
  });
  const { status, text, json } = await client.request(`https://${endpoint}/api/tokens`, {
    method: "POST",
    body,
    headers: last ? { "X-Node-Id": last.nodeId } : {},
  });
  assert.equal(status, 200, text);
  const { authToken, nodeId, websocketToken } = json;
  assert.ok(typeof authToken === "string" && typeof websocketToken === "string");
  assert.equal(typeof nodeId, "string");
  return { authToken, nodeId: String(nodeId), websocketToken };
}

async function openWebSocket({ emulator }: Official, url: string): Promise<WebSocket> {
  const webSocket = new WebSocket(url, {
    ca: emulator.ca,
    perMessageDeflate: false,
    // Where its own listener is.
    origin: "http://localhost:50022",
  });
  await once(webSocket, "open");
  return webSocket;
}

/** It escapes nothing, and need not: the service's tokens, unlike the emulator's, want no escaping. */
const segment = encodeURIComponent;

const webTunnelV2 = (endpoint: string, { websocketToken, nodeId }: Session) =>
  `wss://${endpoint}/webtunnelv2/${segment(websocketToken)}?X-Node-Id=${nodeId}`;

/** Sends as it does, and gets all of it back. */
async function echo(webSocket: WebSocket, bytes: Uint8Array): Promise<void> {
  const chunks: Buffer[] = [];
  webSocket.on("message", (data, isBinary) => {
    assert.ok(isBinary && data instanceof Buffer);
    chunks.push(data);
  });
  for (let at = 0; at < bytes.length; at += FRAME) webSocket.send(bytes.subarray(at, at + FRAME));
  await eventually("the echo", () => Buffer.concat(chunks).length >= bytes.length);
  assert.deepEqual(new Uint8Array(Buffer.concat(chunks)), bytes);
}

async function closeWebSocket(webSocket: WebSocket): Promise<void> {
  webSocket.close();
  await once(webSocket, "close");
}

async function deleteSession(
  { client }: Official,
  endpoint: string,
  { authToken, nodeId }: Session,
): Promise<number> {
  const { status } = await client.request(`https://${endpoint}/api/tokens/${segment(authToken)}`, {
    method: "DELETE",
    headers: { "X-Node-Id": nodeId },
  });
  return status;
}

Deno.test("a session for each connection, deleted with its own node id", () =>
  withOfficialClient({ enableTunneling: true }, async (official) => {
    const { dnsName, emulator } = official;
    const sessions = [await openSession(official, dnsName), await openSession(official, dnsName)];
    const webSockets = [];
    for (const session of sessions) {
      webSockets.push(await openWebSocket(official, webTunnelV2(dnsName, session)));
    }
    await Promise.all(webSockets.map((one) => echo(one, patternBytes(10_000))));
    for (const [i, webSocket] of webSockets.entries()) {
      await closeWebSocket(webSocket);
      const session = sessions[i];
      assert.ok(session);
      assert.ok([200, 204].includes(await deleteSession(official, dnsName, session)));
      assert.equal(await deleteSession(official, dnsName, session), 404, "already gone");
    }
    const { outstandingSessions, largestFrameUp, continuationFramesUp } = emulator.stats();
    assert.deepEqual({ outstandingSessions, largestFrameUp, continuationFramesUp }, {
      outstandingSessions: 0,
      largestFrameUp: FRAME,
      continuationFramesUp: 0,
    });
  }));

Deno.test("older versions send the session before along, and delete but the last", () =>
  withOfficialClient({ enableTunneling: true }, async (official) => {
    const { dnsName, emulator } = official;
    const first = await openSession(official, dnsName);
    const one = await openWebSocket(official, webTunnelV2(dnsName, first));
    const second = await openSession(official, dnsName, {}, first);
    const other = await openWebSocket(official, webTunnelV2(dnsName, second));
    assert.notEqual(second.authToken, first.authToken);
    await Promise.all([one, other].map((webSocket) => echo(webSocket, patternBytes(5_000))));
    await closeWebSocket(other);
    await closeWebSocket(one);
    assert.equal(await deleteSession(official, dnsName, second), 204);
    // What its users met: the host counts a session that nobody has any more.
    assert.equal(emulator.stats().outstandingSessions, 1);
  }));

Deno.test("by IP address: the synthetic id, and the address in a field of its own", () =>
  withOfficialClient({ enableTunneling: true, enableIpConnect: true }, async (official) => {
    const { dnsName, hostId } = official;
    const ip = "10.1.0.4";
    const resourceId = hostId.replace(/bastionHosts\/hub$/, `bh-hostConnect/${ip}`);
    const session = await openSession(official, dnsName, { resourceId, hostname: ip });
    const webSocket = await openWebSocket(official, webTunnelV2(dnsName, session));
    await echo(webSocket, patternBytes(100));
    await closeWebSocket(webSocket);
    assert.equal(await deleteSession(official, dnsName, session), 204);

    const { aztoken, client } = official;
    const { status, json } = await client.post({
      resourceId,
      aztoken,
      hostname: undefined,
      workloadHostPort: "22",
    });
    assert.equal(status, 404);
    assert.equal(json["message"], "Invalid IP address for connection.");
  }));

Deno.test("the Developer SKU: the data pod first, then its sessions", () =>
  withOfficialClient({ sku: "Developer" }, async (official) => {
    const { client, aztoken, dnsName, hostId, vmId, emulator } = official;
    const { status, text } = await client.request(`https://${dnsName}/api/connection`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({
        resourceId: vmId,
        bastionResourceId: hostId,
        vmPort: 22,
        azToken: aztoken,
        connectionType: "nativeclient",
      }),
    });
    assert.equal(status, 200, text);
    assert.match(text, /^[\w.-]+(?::\d+)?$/, "a host name as plain text");
    const session = await openSession(official, text);
    const url = `wss://${text}/omni/webtunnel/${segment(session.websocketToken)}`;
    const webSocket = await openWebSocket(official, url);
    await echo(webSocket, patternBytes(FRAME + 1));
    await closeWebSocket(webSocket);
    assert.equal(await deleteSession(official, text, session), 204);
    assert.equal(emulator.stats().outstandingSessions, 0);
  }));
