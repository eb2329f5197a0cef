/**
 * Tells apart what can go wrong on the way to a host. The runtime knows only messages, and the
 * ones of `fetch` carry the whole URL: none of them reaches the user unclassified.
 */

import { bastionError, isBastionError, messageOf } from "../errors.ts";
import { printable } from "../secret.ts";
import type { Proxy } from "./proxy.ts";

/** Where the failed attempt was going. */
export interface Destination {
  /** Host, with a port where it is not 443. */
  readonly host: string;
  readonly proxy?: Proxy | undefined;
  readonly timeout: number;
}

/** The catalogue's error for whatever the runtime threw on the way to `destination`. */
export function networkError(error: unknown, destination: Destination): Error {
  if (isBastionError(error)) return error;
  const { host, proxy } = destination;
  const via = proxy ? ` through the proxy ${proxy.label}` : "";
  const problem = problemOf(error);
  if (isTimeout(error)) {
    return bastionError(
      "connect-timeout",
      { host, via, seconds: Math.round(destination.timeout / 1000) },
      error,
    );
  }
  if (/failed to lookup address|dns error|no such host/i.test(problem)) {
    // Where there is a proxy, it looks the host's name up: what failed here is its own name.
    const name = proxy ? { host: proxy.host, via: " (it is the proxy's)" } : { host, via: "" };
    return bastionError("dns-failed", name, error);
  }
  if (/proxy authorization required|proxy authentication required/i.test(problem)) {
    return bastionError(
      "proxy-authentication",
      { proxy: proxy?.label ?? "?", schemes: "HTTP 407" },
      error,
    );
  }
  if (proxy && /\btunnel(ing)?\b/i.test(problem)) {
    return bastionError("proxy-refused", { proxy: proxy.label, host, problem }, error);
  }
  if (/invalid peer certificate|UnknownIssuer|CertNotValid|certificate/i.test(problem)) {
    return bastionError("tls-untrusted", { host, via, problem }, error);
  }
  if (error instanceof Deno.errors.ConnectionRefused || /connection refused/i.test(problem)) {
    const near = proxy ? `The proxy ${proxy.label}` : host;
    return bastionError("connect-refused", { host: near, via: "" }, error);
  }
  if (
    error instanceof Deno.errors.UnexpectedEof ||
    /tls|handshake|fatal alert|(corrupt|unexpected) message|record/i.test(problem)
  ) {
    return bastionError("tls-failed", { host, via, problem }, error);
  }
  return bastionError("connect-failed", { host, via, problem }, error);
}

function isTimeout(error: unknown): boolean {
  return (error instanceof DOMException && error.name === "TimeoutError") ||
    error instanceof Deno.errors.TimedOut || /timed out/i.test(problemOf(error));
}

/** The innermost message, without the URL and addresses that `fetch` puts in front of it. */
export function problemOf(error: unknown): string {
  let inner = error;
  while (inner instanceof Error && inner.cause instanceof Error) inner = inner.cause;
  const text = messageOf(inner)
    .replace(/^error sending request .*?client error \(\w+\):\s*/i, "")
    .replace(/\bhttps?:\/\/\S+/gi, "…");
  return printable(text || messageOf(error));
}
