/** The data plane of one bastion host: sessions over HTTP, and their WebSockets. */

import type { Buffer } from "node:buffer";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import type { Address } from "./address.ts";
// @ts-types="@types/ws"
import { type ServerOptions, WebSocketServer } from "ws";
import type { Logger } from "../../core/mod.ts";
import type { Access } from "./access.ts";
import type { AccessTokens } from "./access_tokens.ts";
import type { Certificates } from "./certificates.ts";
import { createConnectionEndpoint } from "./connection_endpoint.ts";
import type { HandshakeFault } from "./fault_schema.ts";
import type { Faults } from "./faults.ts";
import { createFrameScanner } from "./frame_scanner.ts";
import { isHandshakeFault, spoilHandshake, spoilHeaders } from "./handshake_fault.ts";
import { sendJson } from "./http_body.ts";
import { latency } from "./latency.ts";
import { failRequest, failUpgrade, jsonReply, refuseUpgrade } from "./reply_fault.ts";
import { decodePathSegment } from "./path_segment.ts";
import { createSessions, type Session } from "./sessions.ts";
import type { SecretRecord } from "./secret_record.ts";
import type { Stats } from "./stats.ts";
import { openTlsServer } from "./tls_server.ts";
import { createTokenEndpoint } from "./token_endpoint.ts";
import { openWebTunnel, type WebTunnel } from "./web_tunnel.ts";
import { type BastionHostResource, isReachable, type VirtualMachine, type World } from "./world.ts";

export interface DataPlaneOptions {
  readonly host: BastionHostResource;
  readonly world: World;
  readonly access: Access;
  readonly certificates: Certificates;
  /** A loopback address; the system chooses the port. */
  readonly address: string;
  readonly tokens: AccessTokens;
  readonly faults: Faults;
  readonly secrets: SecretRecord;
  readonly stats: Stats;
  /** Where a VM's port really leads. */
  readonly addressOf: (
    vm: VirtualMachine,
    port: number,
  ) => Address | "filtered" | undefined;
  readonly signal: AbortSignal;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly log?: Logger | undefined;
}

export interface DataPlane {
  /** Of the host's dnsName. */
  readonly port: number;
  close(): Promise<void>;
}

/** Where data pods are, for the cloud file: tokens go to no other host. */
export const POD_DOMAIN = "127.0.0.1";
/** A client's frame may be as large as any client is known to send, many times over. */
const MAX_PAYLOAD = 16 * 1024 * 1024;
/** For the client's answer to our Close; what it has still to read may be much, and it slow. */
const CLOSE_TIMEOUT = 120_000;

const webSocketOptions: ServerOptions & { closeTimeout: number } = {
  noServer: true,
  perMessageDeflate: false,
  clientTracking: false,
  // A silent peer answers no pings; the relay does it for the others.
  autoPong: false,
  maxPayload: MAX_PAYLOAD,
  closeTimeout: CLOSE_TIMEOUT,
};

const SILENCE = { at: "stream", kind: "silence", afterBytes: 0, direction: "down" } as const;

export async function openDataPlane(options: DataPlaneOptions): Promise<DataPlane> {
  const { host, stats, faults, signal } = options;
  const sessions = createSessions(stats, options.secrets);
  const tokenEndpoint = createTokenEndpoint({ ...options, sessions });
  const webSockets = new WebSocketServer(webSocketOptions);
  const spoilt = new WeakMap<IncomingMessage, HandshakeFault>();
  webSockets.on("headers", (headers, request) => spoilHeaders(spoilt.get(request), headers));
  const tunnels = new Set<WebTunnel>();

  const isDeveloper = host.sku === "Developer";
  const answerConnection = createConnectionEndpoint({
    ...options,
    pod: () => `${POD_DOMAIN}:${server.port}`,
  });

  /** What the dnsName of a Developer host leads to: there are no sessions there. */
  async function answerFront(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.method !== "POST" || !/^\/api\/connection\/?(?:\?.*)?$/.test(request.url ?? "")) {
      return sendJson(response, 404, { message: "There is nothing here." });
    }
    stats.connectionPosts++;
    const strike = faults.strike("connection", host.name);
    if (!await latency(strike.latency, signal)) return;
    if (strike.fault) return failRequest(strike.fault, response);
    await answerConnection(request, response);
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const route = /^\/api\/tokens(?:\/([^/?]+))?\/?(?:\?.*)?$/.exec(request.url ?? "");
    const isPost = route?.[1] === undefined && request.method === "POST";
    const isDelete = route?.[1] !== undefined && request.method === "DELETE";
    if (!route || !(isPost || isDelete)) {
      return sendJson(response, route ? 405 : 404, { message: "There is nothing here." });
    }
    if (isPost) stats.tokenPosts++;
    const strike = faults.strike(isPost ? "token" : "delete", host.name);
    if (!await latency(strike.latency, signal)) return;
    if (strike.fault) return failRequest(strike.fault, response);
    await (isPost
      ? tokenEndpoint.post(request, response)
      : tokenEndpoint.delete(request, response, route[1] ?? ""));
  }

  async function upgrade(request: IncomingMessage, socket: Duplex, head: Buffer) {
    const strike = faults.strike("upgrade", host.name);
    if (!await latency(strike.latency, signal)) return;
    const { fault } = strike;
    if (fault && !isHandshakeFault(fault)) {
      stats.upgradesRefused++;
      return failUpgrade(fault, socket);
    }
    const session = takeSession(request);
    if (typeof session === "string") {
      stats.upgradesRefused++;
      return refuseUpgrade(socket, jsonReply(401, { message: session }));
    }
    if (fault) spoilt.set(request, fault);
    connect(request, socket, head, session, fault);
  }

  function takeSession(request: IncomingMessage): Session | string {
    const url = URL.parse(request.url ?? "", "https://emulator");
    const pattern = isDeveloper ? /^\/omni\/webtunnel\/([^/]+)$/ : /^\/webtunnelv2\/([^/]+)$/;
    const segment = pattern.exec(url?.pathname ?? "")?.[1];
    if (!url || segment === undefined) return "There is no WebSocket here.";
    const nodeId = isDeveloper ? undefined : url.searchParams.get("X-Node-Id");
    return sessions.takeWebSocket(decodePathSegment(segment), nodeId);
  }

  function connect(
    request: IncomingMessage,
    socket: Duplex,
    head: Buffer,
    session: Session,
    fault: HandshakeFault | undefined,
  ): void {
    // Before `ws` listens: on the same bytes, this comes first. `head` comes by here as well, since
    // `ws` puts it back into the socket.
    let rejectFragments = () => {};
    socket.on(
      "data",
      createFrameScanner(({ fin, opcode, length }) => {
        if (opcode >= 8) return;
        stats.framesUp++;
        stats.largestFrameUp = Math.max(stats.largestFrameUp, length);
        if (opcode === 0) stats.continuationFramesUp++;
        if (!fin || opcode === 0) rejectFragments();
      }),
    );
    webSockets.handleUpgrade(request, socket, head, (webSocket) => {
      rejectFragments = () => webSocket.close(1002, "Fragmented messages are not supported.");
      stats.webSocketsOpened++;
      stats.openWebSockets++;
      stats.webSocketsPeak = Math.max(stats.webSocketsPeak, stats.openWebSockets);
      webSocket.once("close", () => stats.openWebSockets--);
      const strike = faults.strike("stream", host.name);
      const tunnel = openWebTunnel({
        webSocket,
        socket,
        target: isThere(session.virtualMachine)
          ? options.addressOf(session.virtualMachine, session.port)
          : "unreachable",
        // Behind a 400 nobody relays.
        fault: fault?.kind === "101-then-400" ? SILENCE : strike.fault,
        latency: strike.latency,
        stats,
      });
      tunnels.add(tunnel);
      void tunnel.ended.then(() => tunnels.delete(tunnel));
      spoilHandshake(fault, socket);
    });
  }

  function isThere(vm: VirtualMachine): boolean {
    return vm.powerState === "running" && isReachable(host.network, vm.network);
  }

  const listener = {
    certificates: options.certificates,
    host: options.address,
    port: 0,
    onConnection: () => stats.dataPlaneConnections++,
    now: options.now,
    log: options.log,
  };
  const server = await openTlsServer({ ...listener, onRequest: answer, onUpgrade: upgrade });
  const front = isDeveloper
    ? await openTlsServer({ ...listener, onRequest: answerFront })
    : undefined;
  return {
    port: front?.port ?? server.port,
    async close() {
      await front?.close();
      const open = [...tunnels];
      for (const tunnel of open) tunnel.destroy();
      await server.close();
      await Promise.all(open.map((tunnel) => tunnel.ended));
      webSockets.close();
    },
  };
}
