/** `/api/connection` of a Developer host: it names the data pod, where sessions are to be had. */

import type { IncomingMessage, ServerResponse } from "node:http";
import type { AccessTokens } from "./access_tokens.ts";
import { readBody, sendJson } from "./http_body.ts";
import { sameName } from "./resource_id.ts";
import { type BastionHostResource, findVirtualMachine, type World } from "./world.ts";

export interface ConnectionEndpointOptions {
  readonly host: BastionHostResource;
  readonly world: World;
  readonly tokens: AccessTokens;
  /** Host and port of the data pod. */
  readonly pod: () => string;
}

export function createConnectionEndpoint(options: ConnectionEndpointOptions) {
  const { host, world, tokens } = options;
  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const fail = (status: number, message: string) => sendJson(response, status, { message });
    const body = readObject(await readBody(request));
    if (!body) return fail(400, "The request's body must be a JSON object.");
    const { resourceId, bastionResourceId, vmPort, azToken, connectionType } = body;
    const judgement = await tokens.judge(typeof azToken === "string" ? azToken : "");
    if ("code" in judgement) return fail(401, judgement.message);
    if (judgement.tenant !== host.subscription.tenant) {
      return fail(401, "The access token is of another tenant.");
    }
    if (connectionType !== "nativeclient") return fail(400, "connectionType must be nativeclient.");
    if (typeof bastionResourceId !== "string" || !isSameId(bastionResourceId, host.id)) {
      return fail(400, "bastionResourceId is not this bastion host's.");
    }
    const port = Number(vmPort);
    if (!Number.isInteger(port) || port < 1 || port > 65535) {
      return fail(400, "vmPort must be a port.");
    }
    if (typeof resourceId !== "string" || !findVirtualMachine(world, resourceId)) {
      return fail(404, "The target resource was not found.");
    }
    const bytes = new TextEncoder().encode(options.pod());
    response.writeHead(200, {
      "Content-Type": "text/plain; charset=utf-8",
      "Content-Length": bytes.length,
    });
    response.end(bytes);
  };
}

function isSameId(a: string, b: string): boolean {
  return sameName(a.replace(/\/+$/, ""), b);
}

function readObject(text: string | undefined): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text ?? "");
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? value as Readonly<Record<string, unknown>>
      : undefined;
  } catch {
    return undefined;
  }
}
