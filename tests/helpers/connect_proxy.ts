/** A real HTTP proxy on loopback that opens ways with CONNECT, and notes what it was asked. */

import { Buffer } from "node:buffer";
import { closeQuietly, rawServer, readRequestHead, untilClosed, writeText } from "./raw_server.ts";

export interface ConnectProxy extends AsyncDisposable {
  readonly host: string;
  readonly port: number;
  /** The heads of the requests, as they came. */
  readonly requests: readonly string[];
  /** What new connections meet from now on. */
  behave(behaviour: ProxyBehaviour): void;
}

/**
 * The way is opened; or nothing is answered, ever; or `refusal` is sent in place of it (an empty
 * text closes without a word).
 */
export type ProxyBehaviour = "open" | "silent" | { readonly refusal: string };

export interface ConnectProxyOptions {
  /** `user:password`; asked for with a 407 and Basic, where it is given. */
  readonly credentials?: string;
  /** Sent in place of opening the way; an empty text closes without a word. */
  readonly refusal?: string;
  /** Where every way leads, whatever was asked for: a loopback port. */
  readonly leadsTo?: () => number;
}

export function connectProxy(
  { credentials, refusal, leadsTo }: ConnectProxyOptions = {},
): ConnectProxy {
  const requests: string[] = [];
  let behaviour: ProxyBehaviour = refusal === undefined ? "open" : { refusal };
  const server = rawServer(async (near) => {
    const head = await readRequestHead(near);
    requests.push(head);
    if (behaviour === "silent") return await untilClosed(near);
    if (behaviour !== "open") return await writeText(near, behaviour.refusal);
    const authority = /^CONNECT (\S+):(\d+) HTTP\/1\.1\r\n/.exec(head);
    if (!authority) return await writeText(near, "HTTP/1.1 405 Method Not Allowed\r\n\r\n");
    const given = /^proxy-authorization: basic (\S+)/im.exec(head)?.[1];
    if (
      credentials !== undefined && Buffer.from(given ?? "", "base64").toString() !== credentials
    ) {
      return await writeText(
        near,
        'HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm="p"\r\n\r\n',
      );
    }
    const far = leadsTo
      ? await Deno.connect({ hostname: "127.0.0.1", port: leadsTo() })
      : await Deno.connect({ hostname: authority[1] ?? "", port: Number(authority[2]) });
    await writeText(near, "HTTP/1.1 200 Connection established\r\n\r\n");
    await joinConnections(near, far);
  });
  return {
    host: server.host,
    port: server.port,
    requests,
    behave: (next) => behaviour = next,
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

/** Carries bytes both ways until either side ends; that ends both. */
export async function joinConnections(near: Deno.Conn, far: Deno.Conn): Promise<void> {
  const copies = [copy(near, far), copy(far, near)];
  await Promise.race(copies);
  closeQuietly(near);
  closeQuietly(far);
  await Promise.all(copies);
}

/** Until `from` ends, or either fails. */
async function copy(from: Deno.Conn, to: Deno.Conn): Promise<void> {
  const bytes = new Uint8Array(16 * 1024);
  try {
    for (;;) {
      const n = await from.read(bytes);
      if (n === null) return;
      for (let at = 0; at < n;) at += await to.write(bytes.subarray(at, n));
    }
  } catch {
    // Closed from elsewhere: the copy is over either way.
  }
}
