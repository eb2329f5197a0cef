/**
 * The one way in which a TLS connection is opened: TCP with NODELAY and keep-alive set, CONNECT
 * through the proxy where there is one, then TLS. `Deno.connectTls` sets neither option and has no
 * way to do so later: two small writes and a read then take 44 ms in place of 0.06.
 */

import { networkError } from "./network_error.ts";
import { openThroughProxy } from "./open_through_proxy.ts";
import type { ProxyChoice } from "./proxy.ts";
import type { Trust } from "./trust.ts";

/** Opens a verified TLS connection to `endpoint` (host, with a port where it is not 443). */
export type Dialer = (endpoint: string, signal: AbortSignal) => Promise<Deno.TlsConn>;

/** From the first packet to the end of the TLS handshake, in ms. */
const DIAL_TIMEOUT = 15_000;

export function createDialer(trust: Trust, proxyFor: ProxyChoice): Dialer {
  return async (endpoint, signal) => {
    const { host, port } = splitEndpoint(endpoint);
    const proxy = proxyFor(host, port);
    const limit = new AbortController();
    const timer = setTimeout(
      () => limit.abort(new DOMException("timed out", "TimeoutError")),
      DIAL_TIMEOUT,
    );
    const both = AbortSignal.any([signal, limit.signal]);
    let open: Deno.Conn | undefined;
    const abort = () => close(open);
    both.addEventListener("abort", abort);
    try {
      const tcp = await Deno.connect({
        hostname: proxy?.host ?? host,
        port: proxy?.port ?? port,
        signal: both,
      });
      open = tcp;
      both.throwIfAborted();
      tcp.setNoDelay(true);
      tcp.setKeepAlive(true);
      if (proxy) await openThroughProxy(tcp, proxy, host, port);
      const tls = await Deno.startTls(tcp, { hostname: host, caCerts: [...trust.caCerts] });
      open = tls;
      both.throwIfAborted();
      await tls.handshake();
      both.throwIfAborted();
      return tls;
    } catch (error) {
      close(open);
      signal.throwIfAborted();
      const cause = limit.signal.aborted ? limit.signal.reason : error;
      throw networkError(cause, { host: endpoint, proxy, timeout: DIAL_TIMEOUT });
    } finally {
      clearTimeout(timer);
      both.removeEventListener("abort", abort);
    }
  };
}

/** Host and port of `name`, `name:port`, or `[address]:port`. */
export function splitEndpoint(endpoint: string): { host: string; port: number } {
  const url = new URL(`https://${endpoint}`);
  return {
    host: url.hostname.replace(/^\[|\]$/g, ""),
    port: url.port === "" ? 443 : Number(url.port),
  };
}

/** Closing what is closed already is no failure: an abort may have been quicker. */
function close(conn: Deno.Conn | undefined): void {
  try {
    conn?.close();
  } catch {
    // Closed already.
  }
}
