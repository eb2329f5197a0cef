/** Azure Resource Manager: subscriptions, bastion hosts, virtual machines; to be read only. */

import type { IncomingMessage, ServerResponse } from "node:http";
import type { AccessTokens } from "./access_tokens.ts";
import { sendJson } from "./http_body.ts";
import { decodePathSegment } from "./path_segment.ts";
import { sameName } from "./resource_id.ts";
import type { Stats } from "./stats.ts";
import type { BastionHostResource, Subscription, VirtualMachine, World } from "./world.ts";

export interface ArmOptions {
  readonly world: World;
  readonly tokens: AccessTokens;
  readonly authority: string;
  readonly stats: Stats;
  /** `127.0.0.1:PORT` of a host's data plane. */
  readonly dnsNameOf: (host: BastionHostResource) => string;
}

const LOCATION = "westeurope";

const RESOURCES =
  /^\/subscriptions\/([^/]+)(?:\/resourceGroups\/([^/]+))?\/providers\/(microsoft\.network\/bastionhosts|microsoft\.compute\/virtualmachines)(?:\/([^/]+))?\/?$/i;

interface Failure {
  readonly status: number;
  readonly code: string;
  readonly message: string;
}

export function createArm(options: ArmOptions) {
  const { world, tokens, stats } = options;

  async function handle(
    request: IncomingMessage,
    response: ServerResponse,
    url: URL,
  ): Promise<void> {
    stats.armRequests++;
    const failure = await checkRequest(request, response, url);
    if (failure) return refuse(response, failure);
    const answer = find(url.pathname);
    if ("code" in answer) refuse(response, answer);
    else sendJson(response, 200, answer.body, requestIds());
  }

  async function checkRequest(
    request: IncomingMessage,
    response: ServerResponse,
    url: URL,
  ): Promise<Failure | undefined> {
    const [, token] = /^Bearer (.+)$/i.exec(request.headers.authorization ?? "") ?? [];
    const judgement = await tokens.judge(token);
    if ("code" in judgement) {
      response.setHeader(
        "WWW-Authenticate",
        `Bearer authorization_uri="${options.authority}/", error="invalid_token", error_description="${judgement.message}"`,
      );
      return { status: 401, ...judgement };
    }
    const apiVersion = url.searchParams.get("api-version");
    if (!apiVersion) {
      return {
        status: 400,
        code: "MissingApiVersionParameter",
        message: "The api-version query parameter (?api-version=) is required for all requests.",
      };
    }
    if (!/^\d{4}-\d{2}-\d{2}(-preview)?$/.test(apiVersion)) {
      return {
        status: 400,
        code: "InvalidApiVersionParameter",
        message: `The api-version '${apiVersion}' is invalid.`,
      };
    }
    if (request.method !== "GET") {
      return {
        status: 405,
        code: "MethodNotAllowed",
        message: "The emulator's resources can only be read.",
      };
    }
    const id = subscriptionIn(url.pathname);
    const subscription = id && world.subscriptions.find((one) => sameName(one.id, id));
    if (id && !subscription) {
      return {
        status: 404,
        code: "SubscriptionNotFound",
        message: `The subscription '${id}' could not be found.`,
      };
    }
    if (subscription && !sameName(subscription.tenant, judgement.tenant)) {
      return {
        status: 401,
        code: "InvalidAuthenticationTokenTenant",
        message: `The access token is from the wrong issuer '${
          tokens.issuerOf(judgement.tenant)
        }'. It must match the tenant '${
          tokens.issuerOf(subscription.tenant)
        }' associated with this subscription.`,
      };
    }
    return undefined;
  }

  function find(path: string): { body: unknown } | Failure {
    if (/^\/subscriptions\/?$/i.test(path)) {
      return list(world.subscriptions.map(describeSubscription));
    }
    const alone = /^\/subscriptions\/([^/]+)\/?$/i.exec(path)?.[1];
    const subscription = world.subscriptions.find(({ id }) => sameName(id, alone ?? ""));
    if (subscription) return { body: describeSubscription(subscription) };
    const [, id, group, type = "", name] =
      RESOURCES.exec(path)?.map((part = "") => decodePathSegment(part)) ?? [];
    if (!id || (name && !group)) {
      return {
        status: 404,
        code: "InvalidResourceType",
        message: `The emulator has no resource at '${path}'.`,
      };
    }
    const isHost = type.toLowerCase().endsWith("bastionhosts");
    const all: readonly (BastionHostResource | VirtualMachine)[] = isHost
      ? world.bastionHosts
      : world.virtualMachines;
    const inScope = all.filter((one) =>
      sameName(one.subscription.id, id) && (!group || sameName(one.resourceGroup, group))
    );
    if (!name) return list(inScope.map(describe));
    const one = inScope.find((resource) => sameName(resource.name, name));
    if (one) return { body: describe(one) };
    const groupExists = [...world.bastionHosts, ...world.virtualMachines].some((resource) =>
      sameName(resource.subscription.id, id) && sameName(resource.resourceGroup, group ?? "")
    );
    return groupExists
      ? {
        status: 404,
        code: "ResourceNotFound",
        message: `The Resource '${type}/${name}' under resource group '${group}' was not found.`,
      }
      : {
        status: 404,
        code: "ResourceGroupNotFound",
        message: `Resource group '${group}' could not be found.`,
      };
  }

  function describe(resource: BastionHostResource | VirtualMachine): unknown {
    return "sku" in resource ? describeHost(resource) : describeMachine(resource);
  }

  function describeHost(host: BastionHostResource): unknown {
    // Azure leaves out the features that a SKU does not have.
    const features = host.sku === "Standard" || host.sku === "Premium"
      ? { enableTunneling: host.enableTunneling, enableIpConnect: host.enableIpConnect }
      : {};
    return {
      id: host.id,
      name: host.name,
      type: "Microsoft.Network/bastionHosts",
      location: LOCATION,
      sku: { name: host.sku },
      properties: {
        provisioningState: host.provisioningState,
        dnsName: options.dnsNameOf(host),
        scaleUnits: 2,
        ...features,
      },
    };
  }

  return { handle };
}

function describeSubscription({ id, name, tenant }: Subscription): unknown {
  return {
    id: `/subscriptions/${id}`,
    subscriptionId: id,
    displayName: name,
    tenantId: tenant,
    state: "Enabled",
    authorizationSource: "RoleBased",
  };
}

function describeMachine(vm: VirtualMachine): unknown {
  return {
    id: vm.id,
    name: vm.name,
    type: "Microsoft.Compute/virtualMachines",
    location: LOCATION,
    properties: {
      provisioningState: "Succeeded",
      hardwareProfile: { vmSize: "Standard_B1s" },
      osProfile: { computerName: vm.name },
      storageProfile: { osDisk: { osType: vm.ports.has(3389) ? "Windows" : "Linux" } },
    },
  };
}

function list(value: readonly unknown[]): { body: unknown } {
  return { body: { value } };
}

function refuse(response: ServerResponse, { status, code, message }: Failure): void {
  sendJson(response, status, { error: { code, message } }, requestIds());
}

function requestIds(): Record<string, string> {
  const id = crypto.randomUUID();
  return { "x-ms-request-id": id, "x-ms-correlation-request-id": id };
}

function subscriptionIn(path: string): string | undefined {
  return /^\/subscriptions\/([^/]+)/i.exec(path)?.[1];
}
