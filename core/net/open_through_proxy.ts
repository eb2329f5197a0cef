/** CONNECT: how a proxy opens a way, and what it says where it does not. */

import { bastionError, isBastionError } from "../errors.ts";
import { printable } from "../secret.ts";
import type { Proxy } from "./proxy.ts";

/** A proxy's answer to CONNECT is a few lines; more is not kept. */
const MAX_PROXY_ANSWER = 16 * 1024;

/**
 * Has `proxy`, to which `conn` leads, open the way to a host: what is written afterwards goes there.
 * @throws BastionError `proxy-refused`, `proxy-authentication`; the connection's own errors
 */
export async function openThroughProxy(
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

/**
 * The error that names the ways of signing in which `proxy` offers, or undefined where it names
 * none. It is asked without credentials: a wrong password must not count twice.
 */
export async function challengeOf(
  { host: hostname, port: proxyPort, label }: Proxy,
  host: string,
  port: number,
  signal: AbortSignal,
): Promise<Error | undefined> {
  let conn: Deno.TcpConn | undefined;
  const close = () => {
    try {
      conn?.close();
    } catch {
      // Closed already.
    }
  };
  signal.addEventListener("abort", close);
  try {
    conn = await Deno.connect({ hostname, port: proxyPort, signal });
    await openThroughProxy(conn, { host: hostname, port: proxyPort, label }, host, port);
    return undefined;
  } catch (error) {
    // What else goes wrong with this second question is not what the user has asked.
    return isBastionError(error, "proxy-authentication") ? error : undefined;
  } finally {
    signal.removeEventListener("abort", close);
    close();
  }
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
