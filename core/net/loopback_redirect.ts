/** Where a browser sign-in ends: a page on this computer that the browser is sent to, once. */

import { bastionError, messageOf } from "../errors.ts";

export interface LoopbackRedirect extends AsyncDisposable {
  /** Where Entra is to send the browser: `http://localhost:PORT`. */
  readonly url: string;
  /** The parameters that the browser brought. Never rejects; pending until it comes. */
  readonly answer: Promise<URLSearchParams>;
}

/** A port that is free on 127.0.0.1 may be taken on ::1. */
const TRIES = 10;

/**
 * Listens on both loopback addresses, since `localhost` may mean either, and nobody else on this
 * computer shall be asked in our place. Only a request with `state`, which nobody else knows, is
 * an answer.
 * @throws BastionError `local-port-failed`
 */
export function listenForRedirect(state: string): LoopbackRedirect {
  const { promise: answer, resolve } = Promise.withResolvers<URLSearchParams>();
  const handler = (request: Request): Response => {
    const { pathname, searchParams } = new URL(request.url);
    const states = searchParams.getAll("state");
    const isAnswer = request.method === "GET" && pathname === "/" &&
      states.length === 1 && states[0] === state &&
      (searchParams.has("code") || searchParams.has("error"));
    if (!isAnswer) return page("Nothing to see here", "This page only ends a sign-in.", 404);
    resolve(searchParams);
    return searchParams.has("error")
      ? page("Not signed in", "The terminal says why. You can close this page.", 200)
      : page("Signed in", "Go on in the terminal. You can close this page.", 200);
  };
  const servers = serveLoopback(handler);
  const port = servers[0]?.addr.port ?? 0;
  return {
    url: `http://localhost:${port}`,
    answer,
    async [Symbol.asyncDispose]() {
      await Promise.all(servers.map((server) => server.shutdown()));
    },
  };
}

type Server = Deno.HttpServer<Deno.NetAddr>;

function serveLoopback(handler: (request: Request) => Response): Server[] {
  const serve = (hostname: string, port: number) =>
    Deno.serve({ hostname, port, onListen: () => {} }, handler);
  for (let tries = 1;; tries++) {
    let first: Server | undefined;
    try {
      first = serve("127.0.0.1", 0);
      return [first, serve("::1", first.addr.port)];
    } catch (error) {
      const taken = error instanceof Deno.errors.AddrInUse;
      // Any other failure on ::1 is a computer without IPv6: there is no other half to take.
      if (first && !taken) return [first];
      first?.shutdown().catch(() => {});
      if (taken && tries < TRIES) continue;
      const problem = messageOf(error);
      throw bastionError("local-port-failed", { address: "127.0.0.1", port: 0, problem }, error);
    }
  }
}

function page(title: string, text: string, status: number): Response {
  const html = `<!doctype html><html lang="en"><meta charset="utf-8"><title>${title}</title>` +
    `<h1>${title}</h1><p>${text}</p></html>`;
  return new Response(html, {
    status,
    headers: {
      "content-type": "text/html; charset=utf-8",
      "content-security-policy": "default-src 'none'",
      "referrer-policy": "no-referrer",
      "cache-control": "no-store",
      // The code stands in the address: nothing is to follow on this connection.
      "connection": "close",
    },
  });
}
