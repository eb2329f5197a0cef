/** Looks at the way to a host step by step, for whoever wants to know at which one it ends. */

import { lookup } from "node:dns/promises";
import { isIP } from "node:net";
import { Duplex } from "node:stream";
import { connect, type PeerCertificate, rootCertificates, type TLSSocket } from "node:tls";
import { printable } from "../secret.ts";
import { splitEndpoint } from "./dial.ts";
import { networkError } from "./network_error.ts";
import { openThroughProxy } from "./open_through_proxy.ts";
import type { Proxy, ProxyChoice } from "./proxy.ts";

/** Every endpoint is a host, with a port where it is not 443. */
export interface Probe {
  /**
   * The addresses of the name that is looked up here: the host's, or its proxy's.
   * @throws BastionError `dns-failed`
   */
  addresses(endpoint: string, signal: AbortSignal): Promise<Lookup>;
  /**
   * Opens a TCP connection, by the proxy where there is one, and closes it.
   * @throws BastionError network errors
   */
  reach(endpoint: string, signal: AbortSignal): Promise<{ readonly proxy?: Proxy }>;
  /**
   * The certificate that the host shows, believed or not. Nothing is sent to it but a handshake.
   * @throws BastionError network errors
   */
  certificate(endpoint: string, signal: AbortSignal): Promise<ShownCertificate>;
  /** Whether the host's certificate chain leads to one of `authorities` (PEM) alone. */
  isIssuedBy(
    endpoint: string,
    authorities: readonly string[],
    signal: AbortSignal,
  ): Promise<boolean>;
}

export interface Lookup {
  readonly name: string;
  /** Nothing was asked where the name is an address already. */
  readonly addresses: readonly string[];
  readonly proxy?: Proxy;
}

export interface ShownCertificate {
  /** For people: `Contoso Inspection CA (Contoso)`. */
  readonly issuer: string;
  readonly validTo: Date;
  /** Whether its chain leads to a CA that browsers believe. */
  readonly isPublic: boolean;
}

/** @param timeout how long whoever asks has, in ms, for messages */
export function createProbe(proxyFor: ProxyChoice, timeout: number): Probe {
  async function reach(endpoint: string, signal: AbortSignal) {
    const { host, port } = splitEndpoint(endpoint);
    const proxy = proxyFor(host, port);
    let conn: Deno.TcpConn | undefined;
    const abort = () => closeQuietly(conn);
    signal.addEventListener("abort", abort);
    try {
      conn = await Deno.connect({
        hostname: proxy?.host ?? host,
        port: proxy?.port ?? port,
        signal,
      });
      signal.throwIfAborted();
      if (proxy) await openThroughProxy(conn, proxy, host, port);
      return { conn, proxy };
    } catch (error) {
      closeQuietly(conn);
      signal.throwIfAborted();
      throw networkError(error, { host: endpoint, proxy, timeout });
    } finally {
      signal.removeEventListener("abort", abort);
    }
  }

  /** What `read` finds in a handshake that believes `authorities` alone, and goes on regardless. */
  async function handshake<Result>(
    endpoint: string,
    authorities: readonly string[],
    signal: AbortSignal,
    read: (socket: TLSSocket) => Result,
  ): Promise<Result> {
    const { host } = splitEndpoint(endpoint);
    const { conn, proxy } = await reach(endpoint, signal);
    const stream = Duplex.from({ readable: conn.readable, writable: conn.writable });
    const socket = connect({
      socket: stream,
      host,
      ...(isIP(host) ? {} : { servername: host }),
      ca: [...authorities],
      // Whoever inspects is to be named: nothing is sent, and everything else goes by `dial`.
      rejectUnauthorized: false,
    });
    try {
      const done = Promise.withResolvers<void>();
      const abort = () => done.reject(signal.reason);
      socket.once("secureConnect", () => done.resolve());
      socket.on("error", done.reject);
      stream.on("error", done.reject);
      socket.once("close", () => done.reject(new Deno.errors.UnexpectedEof("closed")));
      signal.addEventListener("abort", abort, { once: true });
      await done.promise.finally(() => signal.removeEventListener("abort", abort));
      return read(socket);
    } catch (error) {
      signal.throwIfAborted();
      throw networkError(error, { host: endpoint, proxy, timeout });
    } finally {
      socket.destroy();
      stream.destroy();
      closeQuietly(conn);
    }
  }

  return {
    async addresses(endpoint, signal) {
      const { host, port } = splitEndpoint(endpoint);
      const proxy = proxyFor(host, port);
      const name = proxy?.host ?? host;
      const common = { name, ...(proxy ? { proxy } : {}) };
      if (isIP(name)) return { ...common, addresses: [] };
      signal.throwIfAborted();
      try {
        const found = await abortable(lookup(name, { all: true }), signal);
        return { ...common, addresses: found.map(({ address }) => address) };
      } catch {
        signal.throwIfAborted();
        // Node's words for it are others than those that Deno's own connections fail with.
        const failure = new Error("failed to lookup address");
        throw networkError(failure, { host: endpoint, proxy, timeout });
      }
    },
    async reach(endpoint, signal) {
      const { conn, proxy } = await reach(endpoint, signal);
      closeQuietly(conn);
      return proxy ? { proxy } : {};
    },
    certificate: (endpoint, signal) =>
      handshake(endpoint, rootCertificates, signal, (socket) => {
        const certificate = socket.getPeerCertificate();
        return {
          issuer: nameOf(certificate),
          validTo: new Date(certificate.valid_to),
          isPublic: socket.authorized,
        };
      }),
    isIssuedBy: (endpoint, authorities, signal) =>
      handshake(endpoint, authorities, signal, (socket) => socket.authorized),
  };
}

function nameOf({ issuer }: Partial<PeerCertificate>): string {
  const text = (value: unknown) =>
    typeof value === "string" && value !== "" ? printable(value, 100) : undefined;
  const name = text(issuer?.CN);
  const organization = text(issuer?.O);
  if (name === undefined) return organization ?? "somebody without a name";
  return organization === undefined ? name : `${name} (${organization})`;
}

function closeQuietly(conn: Deno.Conn | undefined): void {
  try {
    conn?.close();
  } catch {
    // Closed already.
  }
}

function abortable<Result>(work: Promise<Result>, signal: AbortSignal): Promise<Result> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    signal.addEventListener("abort", abort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
}
