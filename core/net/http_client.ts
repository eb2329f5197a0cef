/**
 * The one HTTP client: HTTP/1.1 on kept-alive connections, with the user's proxy and CAs, bounded
 * answers and bounded time, no redirects. Azure's libraries are given it too (core/azure), since
 * each stack of its own would read trust store and proxy in its own way.
 */

import { bastionError, isBastionError } from "../errors.ts";
import { networkError, problemOf } from "./network_error.ts";
import { challengeOf } from "./open_through_proxy.ts";
import type { Proxy, ProxyChoice } from "./proxy.ts";
import type { Trust } from "./trust.ts";

export interface HttpRequest {
  readonly method: string;
  readonly url: string | URL;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  readonly signal?: AbortSignal;
  /** Milliseconds for the whole exchange; 30,000 where it is left out. */
  readonly timeout?: number;
  /** On a connection of its own, not on a kept-alive one. */
  readonly fresh?: boolean;
  /** The largest body that is read; 4 MiB where it is left out. */
  readonly maxBytes?: number;
}

export interface HttpResponse {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Uint8Array;
  text(): string;
}

export interface HttpClient {
  /**
   * One exchange. Any status is an answer, redirects included: they are never followed, since a
   * repeated POST would hand its form to another host.
   * @throws BastionError network errors, `http-too-large`; the signal's reason
   */
  request(request: HttpRequest): Promise<HttpResponse>;
  /** Closes what is kept alive. */
  close(): void;
}

const TIMEOUT = 30_000;
const MAX_BYTES = 4 * 1024 * 1024;

export function createHttpClient(trust: Trust, proxyFor: ProxyChoice): HttpClient {
  const clients = new Map<string, Deno.HttpClient>();

  function keptClient(proxy: Proxy | undefined): Deno.HttpClient {
    const key = proxy?.label ?? "direct";
    let client = clients.get(key);
    if (!client) {
      client = createClient(trust, proxy);
      clients.set(key, client);
    }
    return client;
  }

  return {
    async request(request) {
      const url = new URL(request.url);
      const port = url.port === "" ? (url.protocol === "http:" ? 80 : 443) : Number(url.port);
      const host = url.hostname.replace(/^\[|\]$/g, "");
      const timeout = request.timeout ?? TIMEOUT;
      const limit = new AbortController();
      const timer = setTimeout(
        () => limit.abort(new DOMException("timed out", "TimeoutError")),
        timeout,
      );
      const proxy = proxyFor(host, port);
      const destination = { host: url.host, proxy, timeout };
      const ownClient = request.fresh ? createClient(trust, proxy) : undefined;
      const signal = request.signal
        ? AbortSignal.any([request.signal, limit.signal])
        : limit.signal;
      let answered = false;
      try {
        const response = await fetch(url, {
          method: request.method,
          redirect: "manual",
          client: ownClient ?? keptClient(proxy),
          signal,
          ...(request.headers ? { headers: request.headers } : {}),
          ...(request.body === undefined ? {} : { body: request.body as BodyInit }),
        });
        answered = true;
        const body = await readBody(response, url.host, request.maxBytes ?? MAX_BYTES);
        return {
          status: response.status,
          headers: response.headers,
          body,
          text: () => new TextDecoder().decode(body),
        };
      } catch (error) {
        request.signal?.throwIfAborted();
        if (limit.signal.aborted) throw networkError(limit.signal.reason, destination);
        if (isBastionError(error)) throw error;
        const problem = problemOf(error);
        // What `fetch` threw holds the whole URL, tokens included: it goes no further, as a cause.
        const cause = new Error(problem);
        if (isConnectFailure(error)) {
          const failure = networkError(cause, destination);
          if (!proxy || !isBastionError(failure, "proxy-authentication")) throw failure;
          // `fetch` does not tell which way of signing in the proxy wants.
          throw await challengeOf(proxy, host, port, signal) ?? failure;
        }
        const code = answered ? "http-truncated" : "http-failed";
        throw bastionError(code, { host: url.host, problem }, cause);
      } finally {
        clearTimeout(timer);
        ownClient?.close();
      }
    },
    close() {
      for (const client of clients.values()) client.close();
      clients.clear();
    },
  };
}

function createClient(trust: Trust, proxy: Proxy | undefined): Deno.HttpClient {
  return withoutProxyVariables(() =>
    Deno.createHttpClient({
      http2: false,
      caCerts: [...trust.caCerts],
      ...(proxy ? { proxy: proxySettings(proxy) } : {}),
    })
  );
}

function proxySettings(proxy: Proxy): Deno.Proxy {
  const url = `http://${proxy.host.includes(":") ? `[${proxy.host}]` : proxy.host}:${proxy.port}`;
  if (proxy.username === undefined) return { url };
  const { username, password } = proxy;
  return { url, basicAuth: { username, password: password?.reveal() ?? "" } };
}

/** Whether `fetch` failed before it had a connection. */
function isConnectFailure(error: unknown): boolean {
  return error instanceof Error && error.cause instanceof Error &&
    /client error \(Connect\)/.test(error.cause.message);
}

/** Reads a body up to `limit`; a larger one is cut off, not kept. */
async function readBody(response: Response, host: string, limit: number): Promise<Uint8Array> {
  if (!response.body) return new Uint8Array();
  const chunks: Uint8Array[] = [];
  let size = 0;
  const reader = response.body.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    size += value.length;
    if (size > limit) {
      await reader.cancel().catch(() => {});
      throw bastionError("http-too-large", { host, limit });
    }
    chunks.push(value);
  }
  const body = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    body.set(chunk, at);
    at += chunk.length;
  }
  return body;
}

const PROXY_VARIABLES = ["http_proxy", "https_proxy", "all_proxy", "no_proxy"];

/**
 * Deno reads the proxy variables by itself when it makes a client, by rules of its own for
 * NO_PROXY. Ours have decided already; so they are out of sight while the client is made.
 */
function withoutProxyVariables<T>(make: () => T): T {
  const hidden = new Map<string, string>();
  for (const name of PROXY_VARIABLES.flatMap((name) => [name, name.toUpperCase()])) {
    const value = Deno.env.get(name);
    if (value === undefined) continue;
    hidden.set(name, value);
    Deno.env.delete(name);
  }
  try {
    return make();
  } finally {
    for (const [name, value] of hidden) Deno.env.set(name, value);
  }
}
