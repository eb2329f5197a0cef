/** An Azure whose answers a test chooses, one by one; what it does not choose works. */

import { Buffer } from "node:buffer";
import type { IncomingMessage } from "node:http";
import { createServer } from "node:https";
import type { Duplex } from "node:stream";
import { listenOnLoopback } from "./listen_on_loopback.ts";
import { openidConfiguration } from "./openid_configuration.ts";
import { testCertificate } from "./test_certificate.ts";

/** Entra's token endpoint; the bastion host in Resource Manager; POST /api/tokens; the WebSocket. */
export type AzurePlace = "entra" | "arm" | "token" | "upgrade";

export interface ScriptedAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface ScriptedAzure extends AsyncDisposable {
  /** `https://127.0.0.1:PORT`. */
  readonly endpoint: string;
  /** PEM of its CA. */
  readonly ca: string;
  /** `METHOD path` of every request so far. */
  requests(): readonly string[];
}

export interface ScriptedOptions {
  readonly answers?: Partial<Record<AzurePlace, ScriptedAnswer>>;
  /** The bastion host's; the server's own address where it is left out. */
  readonly dnsName?: unknown;
}

export async function startScriptedAzure(
  { answers = {}, ...options }: ScriptedOptions = {},
): Promise<ScriptedAzure> {
  const { ca, certificate, key } = await testCertificate();
  const server = createServer({ cert: certificate, key });
  const requests: string[] = [];

  server.on("request", (request, response) => {
    requests.push(`${request.method} ${request.url}`);
    request.resume();
    request.on("end", () => {
      const place = placeOf(request);
      const answer = place && answers[place];
      const { status, headers = {}, body = "" } = answer ?? {
        status: 200,
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify(usualAnswer(request.url ?? "")),
      };
      response.writeHead(status, { ...headers, "Content-Length": Buffer.byteLength(body) });
      response.end(body);
    });
  });
  server.on("upgrade", (request: IncomingMessage, socket: Duplex) => {
    requests.push(`${request.method} ${request.url}`);
    const { status, headers = {}, body = "" } = answers.upgrade ?? { status: 404 };
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`).join("");
    socket.on("error", () => {});
    socket.end(
      `HTTP/1.1 ${status} Scripted\r\n${lines}Content-Length: ${Buffer.byteLength(body)}\r\n` +
        `Connection: close\r\n\r\n${body}`,
    );
  });

  function usualAnswer(url: string): unknown {
    const path = url.split("?", 1)[0] ?? "";
    const name = path.split("/").at(-1);
    if (path.includes("/bastionHosts/")) {
      return {
        id: path,
        name,
        sku: { name: "Standard" },
        properties: {
          dnsName: "dnsName" in options ? options.dnsName : new URL(endpoint).host,
          enableTunneling: true,
          provisioningState: "Succeeded",
        },
      };
    }
    if (path.includes("openid-configuration")) {
      return openidConfiguration(`${endpoint}${path.split("/v2.0/", 1)[0]}`);
    }
    if (path.startsWith("/api/tokens")) {
      return { authToken: "auth-1", nodeId: "node-1", websocketToken: "web-1" };
    }
    return { id: path, name, properties: {} };
  }

  const listening = await listenOnLoopback(server);
  const endpoint = `https://127.0.0.1:${listening.port}`;
  return {
    endpoint,
    ca,
    requests: () => [...requests],
    [Symbol.asyncDispose]: () => listening[Symbol.asyncDispose](),
  };
}

function placeOf({ method, url = "" }: IncomingMessage): AzurePlace | undefined {
  if (url.startsWith("/api/tokens")) return method === "POST" ? "token" : undefined;
  if (url.includes("/oauth2/v2.0/token")) return "entra";
  return url.includes("/bastionHosts/") ? "arm" : undefined;
}
