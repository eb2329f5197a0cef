/** `/api/tokens`: sessions given and taken back, as strictly as the real service does. */

import type { IncomingMessage, ServerResponse } from "node:http";
import type { Access } from "./access.ts";
import type { AccessTokens } from "./access_tokens.ts";
import { readBody, sendJson } from "./http_body.ts";
import { decodePathSegment } from "./path_segment.ts";
import { unreadableResource } from "./reader_check.ts";
import { parseResourceId, sameName } from "./resource_id.ts";
import type { Sessions } from "./sessions.ts";
import {
  type BastionHostResource,
  findVirtualMachine,
  type VirtualMachine,
  type World,
} from "./world.ts";

export interface TokenEndpointOptions {
  readonly host: BastionHostResource;
  readonly world: World;
  readonly access: Access;
  readonly tokens: AccessTokens;
  readonly sessions: Sessions;
}

interface Refusal {
  readonly status: number;
  readonly message: string;
}

const IP_CONNECT = "microsoft.network/bh-hostconnect";
/** What IP connect leads to, and hosts of the Developer SKU. */
const USUAL_PORTS = [22, 3389];
/** Tokens of users in very many groups are longer than the service takes. */
const MAX_TOKEN = 8 * 1024;

export function createTokenEndpoint(options: TokenEndpointOptions) {
  const { host, world, access, tokens, sessions } = options;

  async function post(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const answer = await open(request);
    if ("status" in answer) return sendJson(response, answer.status, { message: answer.message });
    const { authToken, nodeId, websocketToken } = sessions.issue(answer.vm, answer.port);
    sendJson(response, 200, {
      authToken,
      username: "",
      dataSource: "default",
      nodeId,
      availableDataSources: ["default"],
      websocketToken,
    });
  }

  async function open(
    request: IncomingMessage,
  ): Promise<Refusal | { vm: VirtualMachine; port: number }> {
    const type = request.headers["content-type"] ?? "";
    const isForm = /^application\/x-www-form-urlencoded\s*(;|$)/i.test(type);
    // Seen from the real service; it says no more than that.
    if (request.headers.authorization !== undefined || !isForm) {
      return { status: 500, message: "An error has occurred." };
    }
    const body = await readBody(request);
    if (body === undefined) return { status: 413, message: "The request is too large." };
    const form = new URLSearchParams(body);
    const token = form.get("aztoken") ?? "";
    // Nobody has seen it say what is wrong with it.
    if (token.length > MAX_TOKEN) return { status: 400, message: "The request is invalid." };
    const judgement = await tokens.judge(token);
    if ("code" in judgement) return { status: 401, message: judgement.message };
    if (!sameName(judgement.tenant, host.subscription.tenant)) {
      return { status: 401, message: "The access token is of another tenant." };
    }
    if (form.get("protocol") !== "tcptunnel") {
      return { status: 400, message: "The field protocol must be tcptunnel." };
    }
    const port = Number(form.get("workloadHostPort") ?? "");
    if (!Number.isInteger(port) || port < 1 || port > 65535) {
      return { status: 400, message: "The field workloadHostPort must be a port." };
    }
    const isFit = host.sku === "Developer" ||
      ((host.sku === "Standard" || host.sku === "Premium") && host.enableTunneling);
    if (!isFit) {
      return { status: 400, message: "Native client support is not enabled on this bastion host." };
    }
    if (host.sku === "Developer" && !USUAL_PORTS.includes(port)) {
      return { status: 400, message: "Custom ports are not supported by this bastion host." };
    }
    const vm = findTarget(form.get("resourceId") ?? "", form.get("hostname"), port);
    if ("status" in vm) return vm;
    if (unreadableResource(access, judgement, host, vm) !== undefined) {
      return { status: 403, message: "You are not authorized to access the target resource." };
    }
    return { vm, port };
  }

  function findTarget(
    resourceId: string,
    hostname: string | null,
    port: number,
  ): VirtualMachine | Refusal {
    const id = parseResourceId(resourceId);
    if (!id) return { status: 400, message: "The field resourceId must be a resource id." };
    if (id.type !== IP_CONNECT) {
      const vm = findVirtualMachine(world, resourceId);
      return vm ?? { status: 404, message: "The target resource was not found." };
    }
    const isOfHost = sameName(id.subscription, host.subscription.id) &&
      sameName(id.resourceGroup, host.resourceGroup);
    if (!hostname || hostname !== id.name || !isOfHost) {
      return { status: 404, message: "Invalid IP address for connection." };
    }
    if (!host.enableIpConnect || host.sku === "Developer") {
      return { status: 400, message: "IP connect is not enabled on this bastion host." };
    }
    if (!USUAL_PORTS.includes(port)) {
      return { status: 400, message: "Custom ports are not allowed with IP connect." };
    }
    return world.machines.find((vm) => vm.privateIp === hostname) ??
      { status: 404, message: "Invalid IP address for connection." };
  }

  /** An open WebSocket of the session lives on: its bytes may still be on their way. */
  async function remove(
    request: IncomingMessage,
    response: ServerResponse,
    segment: string,
  ): Promise<void> {
    await readBody(request);
    const nodeId = request.headers["x-node-id"];
    const known = sessions.delete(
      decodePathSegment(segment),
      typeof nodeId === "string" ? nodeId : undefined,
    );
    if (!known) return sendJson(response, 404, { message: "There is no such session." });
    response.writeHead(204);
    response.end();
  }

  return { post, delete: remove };
}
