/**
 * An Azure that repeats what it was sent: as error pages of proxies, gateways and frameworks do,
 * with every header and the whole body, tokens included.
 */

import { Buffer } from "node:buffer";
import { createServer } from "node:https";
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { listenOnLoopback } from "./listen_on_loopback.ts";
import { openidConfiguration } from "./openid_configuration.ts";
import { testCertificate } from "./test_certificate.ts";

/** The place that fails, and repeats; all before it works. */
export type EchoPlace = "entra" | "arm" | "token" | "upgrade" | "delete";

/** What is not tried again, as far as there is such a thing. */
const STATUS: Readonly<Record<EchoPlace, number>> = {
  entra: 401,
  arm: 403,
  token: 500,
  upgrade: 403,
  delete: 500,
};

export interface EchoingAzure extends AsyncDisposable {
  /** `https://127.0.0.1:PORT`. */
  readonly endpoint: string;
  /** PEM of its CA. */
  readonly ca: string;
  /** Everything that was repeated so far. */
  echoed(): string;
}

export interface EchoOptions {
  readonly place: EchoPlace;
  /** An error page, or JSON as the service would send it. */
  readonly as: "html" | "json";
  /** What it gives as a session's tokens. */
  readonly authToken: string;
  readonly websocketToken: string;
}

export async function startEchoingAzure(options: EchoOptions): Promise<EchoingAzure> {
  const { ca, certificate, key } = await testCertificate();
  const server = createServer({ cert: certificate, key });
  let echoed = "";

  function echo(request: IncomingMessage, body: string): { type: string; text: string } {
    const headers = Object.entries(request.headers).map(([name, value]) => `${name}: ${value}`);
    const text = [`${request.method} ${request.url}`, ...headers, body].join("\n");
    echoed += text;
    if (options.as === "html") {
      return { type: "text/html", text: `<html><pre>${text}</pre></html>` };
    }
    const fields = { message: text, error: { code: "Echo", message: text } };
    const shape = options.place === "entra"
      ? { error: "server_error", error_description: text }
      : fields;
    return { type: "application/json", text: JSON.stringify(shape) };
  }

  server.on("request", async (request, response) => {
    const body = await readBody(request);
    const answer = (status: number, type: string, text: string) => {
      response.writeHead(status, {
        "Content-Type": type,
        "Content-Length": Buffer.byteLength(text),
      });
      response.end(text);
    };
    if (placeOf(request) === options.place) {
      const { type, text } = echo(request, body);
      return answer(STATUS[options.place], type, text);
    }
    answer(200, "application/json", JSON.stringify(answerTo(request)));
  });
  server.on("upgrade", (request: IncomingMessage, socket: Duplex) => {
    const { type, text } = echo(request, "");
    socket.on("error", () => {});
    socket.end(
      `HTTP/1.1 ${STATUS.upgrade} Refused\r\nContent-Type: ${type}\r\n` +
        `Content-Length: ${Buffer.byteLength(text)}\r\nConnection: close\r\n\r\n${text}`,
    );
  });

  function answerTo(request: IncomingMessage): unknown {
    if (request.url?.includes("/bastionHosts/")) {
      return {
        id: request.url.split("?", 1)[0],
        name: "hub",
        sku: { name: "Standard" },
        properties: {
          dnsName: new URL(endpoint).host,
          enableTunneling: true,
          enableIpConnect: true,
          provisioningState: "Succeeded",
        },
      };
    }
    if (request.url?.includes("openid-configuration")) {
      return openidConfiguration(`${endpoint}${request.url.split("/v2.0/", 1)[0]}`);
    }
    const { authToken, websocketToken } = options;
    return { authToken, websocketToken, nodeId: "node-1" };
  }

  const listening = await listenOnLoopback(server);
  const endpoint = `https://127.0.0.1:${listening.port}`;
  return {
    endpoint,
    ca,
    echoed: () => echoed,
    [Symbol.asyncDispose]: () => listening[Symbol.asyncDispose](),
  };
}

function placeOf({ method, url = "" }: IncomingMessage): EchoPlace | undefined {
  if (url.startsWith("/api/tokens")) return method === "POST" ? "token" : "delete";
  if (url.includes("/oauth2/v2.0/token")) return "entra";
  return url.includes("/bastionHosts/") ? "arm" : undefined;
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}
