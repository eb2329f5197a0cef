/**
 * An HTTPS server on the loopback address that knows the plain TCP connection beneath each of its
 * TLS sockets: only that one can be reset, or made to stop reading.
 */

import type { Buffer } from "node:buffer";
import type http from "node:http";
import https from "node:https";
import type net from "node:net";
import type { Duplex } from "node:stream";
import type tls from "node:tls";
import type { Logger } from "../../core/mod.ts";
import type { Certificates } from "./certificates.ts";
import type { LoopbackServer } from "./loopback_server.ts";
import { startListening } from "./start_listening.ts";

export interface TlsServerOptions {
  readonly certificates: Certificates;
  /** A loopback address. */
  readonly host: string;
  /** 0 lets the system choose. */
  readonly port: number;
  readonly onRequest: (
    request: http.IncomingMessage,
    response: http.ServerResponse,
  ) => Promise<void>;
  readonly onUpgrade?: (
    request: http.IncomingMessage,
    socket: Duplex,
    head: Buffer,
  ) => Promise<void>;
  readonly onConnection?: () => void;
  /** For the header Date: milliseconds since 1970. */
  readonly now: () => number;
  readonly log?: Logger | undefined;
}

/** Idle connections are kept for as long as load balancers do; Node's 5 s are nobody's habit. */
const KEEP_ALIVE = 60_000;

const plainSockets = new WeakMap<Duplex, net.Socket>();

/** The TCP connection beneath a TLS socket of one of our servers; a plain socket is its own. */
export function plainSocketOf(socket: Duplex): net.Socket {
  const plain = plainSockets.get(socket);
  if (plain) return plain;
  if ("encrypted" in socket) throw new TypeError("not a socket of this server");
  return socket as net.Socket;
}

/** Rejects with Node's error where the port cannot be had. */
export async function openTlsServer(options: TlsServerOptions): Promise<LoopbackServer> {
  const { certificates, onRequest, onUpgrade } = options;
  const open = new Set<net.Socket>();
  /** By the client's port: TLS sockets do not tell which TCP connection they are on. */
  const byPort = new Map<number | undefined, net.Socket>();
  // The server listens by itself: one that is handed its connections closes each after its first
  // answer (Deno 2.9), and nothing could be kept alive.
  const server = https.createServer({
    key: certificates.key,
    cert: certificates.certificate,
    minVersion: "TLSv1.2",
    ALPNProtocols: ["http/1.1"],
    keepAliveTimeout: KEEP_ALIVE,
  }, (request, response) => {
    response.setHeader("Date", new Date(options.now()).toUTCString());
    run(request, () => onRequest(request, response));
  });
  if (onUpgrade) {
    server.on("upgrade", (request, socket, head) => {
      run(request, () => onUpgrade(request, socket, head));
    });
  }
  server.on("connection", (plain: net.Socket) => {
    options.onConnection?.();
    const { remotePort } = plain;
    open.add(plain);
    byPort.set(remotePort, plain);
    plain.setNoDelay(true);
    plain.on("error", () => plain.destroy());
    plain.on("close", () => {
      open.delete(plain);
      if (byPort.get(remotePort) === plain) byPort.delete(remotePort);
    });
  });
  server.on("secureConnection", (secure) => {
    const plain = byPort.get(secure.remotePort);
    if (!plain) {
      secure.destroy();
      return;
    }
    plainSockets.set(secure, plain);
    holdBack(secure, plain);
    secure.on("error", () => plain.destroy());
  });
  // A client that does not trust us: said by the client.
  server.on("tlsClientError", (_error, secure) => secure.destroy());

  function run(request: http.IncomingMessage, handle: () => Promise<void>): void {
    handle().catch((error: unknown) => {
      // A client that leaves in the middle of its request is no failure of ours.
      if (!request.destroyed) options.log?.error("a request failed", { error });
      request.socket.destroy();
    });
  }

  const port = await startListening(server, options);
  return {
    port,
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const plain of open) plain.destroy();
      server.closeAllConnections();
      await closed;
    },
  };
}

/**
 * Carries back-pressure down to TCP. Deno's TLS socket, when paused, goes on reading from the
 * network into memory without a bound; the handle beneath can be told to stop.
 */
function holdBack(secure: tls.TLSSocket, plain: net.Socket): void {
  const { _handle: handle } = plain as { _handle?: { readStop(): void; readStart(): void } | null };
  secure.on("pause", () => {
    if (!plain.destroyed) handle?.readStop();
  });
  // The event may come late, after another pause.
  secure.on("resume", () => {
    if (!plain.destroyed && !secure.isPaused()) handle?.readStart();
  });
}
