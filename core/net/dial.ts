/**
 * The one way in which a TLS connection is opened: TCP with NODELAY and keep-alive set, CONNECT
 * through the proxy where there is one, then TLS. `Deno.connectTls` sets neither option and has no
 * way to do so later: two small writes and a read then take 44 ms in place of 0.06.
 */

import { bastionError } from "../errors.ts";
import { printable } from "../secret.ts";
import { networkError } from "./network_error.ts";
import type { Proxy, ProxyChoice } from "./proxy.ts";
import type { Trust } from "./trust.ts";

/** Opens a verified TLS connection to `endpoint` (host, with a port where it is not 443). */
export type Dialer = (endpoint: string, signal: AbortSignal) => Promise<Deno.TlsConn>;

/** From the first packet to the end of the TLS handshake, in ms. */
const DIAL_TIMEOUT = 15_000;
/** A proxy's answer to CONNECT is a few lines; more is not kept. */
const MAX_PROXY_ANSWER = 16 * 1024;

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

async function openThroughProxy(
  conn: Deno.TcpConn,
  proxy: Proxy,
  host: string,
  port: number,
): Promise<void> {
  const authority = `${host.includes(":") ? `[${host}]` : host}:${port}`;
  const lines = [`CONNECT ${authority} HTTP/1.1`, `Host: ${authority}`];
  if (proxy.username !== undefined) {
    lines.push(`Proxy-Authorization: Basic ${basicCredentials(proxy)}`);
  }
  await writeAll(conn, new TextEncoder().encode(`${lines.join("\r\n")}\r\n\r\n`));
  const head = await readHead(conn, proxy, authority);
  const status = Number(/^HTTP\/1\.[01] (\d{3})\b/.exec(head)?.[1]);
  if (status >= 200 && status < 300) return;
  if (status === 407) {
    const schemes = [...head.matchAll(/^proxy-authenticate:\s*([\w-]+)/gim)].map((m) => m[1]);
    throw bastionError("proxy-authentication", {
      proxy: proxy.label,
      schemes: schemes.join(", ") || "HTTP 407",
    });
  }
  throw bastionError("proxy-refused", {
    proxy: proxy.label,
    host: authority,
    problem: printable(head.split("\r\n", 1)[0] ?? "") || "no answer",
  });
}

/** `user:password` in base64, of UTF-8 bytes as RFC 7617 has it. */
export function basicCredentials(proxy: Proxy): string {
  const bytes = new TextEncoder().encode(`${proxy.username}:${proxy.password?.reveal() ?? ""}`);
  return btoa(String.fromCharCode(...bytes));
}

/**
 * The proxy's answer up to the empty line. It is read byte by byte: what follows belongs to TLS,
 * and nothing that was read can be put back. (The answer is short, and comes once a connection.)
 */
async function readHead(conn: Deno.TcpConn, proxy: Proxy, host: string): Promise<string> {
  const byte = new Uint8Array(1);
  let head = "";
  while (!head.endsWith("\r\n\r\n")) {
    const n = await conn.read(byte);
    const problem = n === null
      ? "it closed the connection"
      : head.length >= MAX_PROXY_ANSWER
      ? "its answer has no end"
      : undefined;
    if (problem) throw bastionError("proxy-refused", { proxy: proxy.label, host, problem });
    head += String.fromCharCode(byte[0] ?? 0);
  }
  return head;
}

async function writeAll(conn: Deno.Conn, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) at += await conn.write(bytes.subarray(at));
}

/** Closing what is closed already is no failure: an abort may have been quicker. */
function close(conn: Deno.Conn | undefined): void {
  try {
    conn?.close();
  } catch {
    // Closed already.
  }
}
