/** Azure Resource Manager, to be read only: who asks, what for, and whether they may. */

import type { IncomingMessage, ServerResponse } from "node:http";
import { createAccess } from "./access.ts";
import type { AccessTokens, TokenHolder } from "./access_tokens.ts";
import {
  type ArmAnswer,
  type ArmFailure,
  authorizationFailed,
  notFound,
  sendArmAnswer,
} from "./arm_answer.ts";
import { createCatalogue } from "./arm_catalogue.ts";
import { cloudMetadata } from "./cloud_metadata.ts";
import { describeSubscription, LOCATION } from "./arm_documents.ts";
import { armPage } from "./arm_page.ts";
import { createAuthorizationReads, isAuthorizationPath } from "./authorization_reads.ts";
import { decodePathSegment } from "./path_segment.ts";
import { createResourceGraph, isResourceGraphPath } from "./resource_graph.ts";
import { sameName } from "./resource_id.ts";
import { createResourceReads } from "./resource_reads.ts";
import type { Stats } from "./stats.ts";
import type { BastionHostResource, Subscription, World } from "./world.ts";

export interface ArmOptions {
  readonly world: World;
  readonly tokens: AccessTokens;
  /** Base address of Entra and of Resource Manager itself. */
  readonly authority: string;
  readonly audience: string;
  readonly pageSize: number;
  readonly stats: Stats;
  /** `127.0.0.1:PORT` of a host's data plane. */
  readonly dnsNameOf: (host: BastionHostResource) => string;
}

const GROUPS = /^\/subscriptions\/([^/]+)\/resourcegroups(?:\/([^/]+))?\/?$/i;

export function createArm(options: ArmOptions) {
  const { world, tokens, stats, authority, pageSize } = options;
  const access = createAccess(world);
  const catalogue = createCatalogue(world, options.dnsNameOf);
  const reading = { world, catalogue, access, endpoint: authority, pageSize };
  const paging = { endpoint: authority, size: pageSize };
  const resources = createResourceReads(reading);
  const authorization = createAuthorizationReads(reading);
  const askGraph = createResourceGraph(reading);

  async function handle(
    request: IncomingMessage,
    response: ServerResponse,
    url: URL,
  ): Promise<void> {
    stats.armRequests++;
    const open = request.method === "GET" ? cloudMetadata(url, authority, options.audience) : null;
    sendArmAnswer(response, open ?? await answer(request, response, url));
  }

  async function answer(
    request: IncomingMessage,
    response: ServerResponse,
    url: URL,
  ): Promise<ArmAnswer> {
    const id = /^\/subscriptions\/([^/]+)/i.exec(url.pathname)?.[1];
    const subscription = id && world.subscriptions.find((one) => sameName(one.id, id));
    const [, token] = /^Bearer (.+)$/i.exec(request.headers.authorization ?? "") ?? [];
    const judgement = await tokens.judge(token);
    if ("code" in judgement) {
      challenge(response, subscription ? subscription.tenant : "", judgement.message);
      return { status: 401, ...judgement };
    }
    const failure = checkRequest(request, url);
    if (failure) return failure;
    if (isResourceGraphPath(url.pathname)) return await askGraph(request, judgement);
    if (id && !subscription) {
      return notFound("SubscriptionNotFound", `The subscription '${id}' could not be found.`);
    }
    if (subscription && subscription.tenant !== judgement.tenant) {
      const message = wrongTenant(judgement.tenant, subscription.tenant);
      challenge(response, subscription.tenant, message);
      return { status: 401, code: "InvalidAuthenticationTokenTenant", message };
    }
    return find(url, judgement);
  }

  /** Names the authority at which a token that will do is to be had. */
  function challenge(response: ServerResponse, tenant: string, problem: string): void {
    response.setHeader(
      "WWW-Authenticate",
      `Bearer authorization_uri="${authority}/${tenant}", error="invalid_token", error_description="${problem}"`,
    );
  }

  function wrongTenant(given: string, wanted: string): string {
    return `The access token is from the wrong issuer '${
      tokens.issuerOf(given)
    }'. It must match the tenant '${
      tokens.issuerOf(wanted)
    }' associated with this subscription. Please use the authority (URL) '${authority}/${wanted}' to get the token.`;
  }

  function find(url: URL, holder: TokenHolder): ArmAnswer {
    const { pathname } = url;
    if (isAuthorizationPath(pathname)) return authorization.read(url, holder);
    if (/^\/subscriptions\/?$/i.test(pathname)) {
      const own = world.subscriptions.filter(({ id, tenant }) =>
        tenant === holder.tenant && access.touches(holder, `/subscriptions/${id}`)
      );
      return armPage(own.map(describeSubscription), url, paging);
    }
    if (/^\/tenants\/?$/i.test(pathname)) return tenantsOf(url, holder);
    const alone = /^\/subscriptions\/([^/]+)\/?$/i.exec(pathname)?.[1];
    const subscription = world.subscriptions.find(({ id }) => sameName(id, alone ?? ""));
    if (subscription) {
      const scope = `/subscriptions/${subscription.id}`;
      return access.touches(holder, scope)
        ? { body: describeSubscription(subscription) }
        : authorizationFailed(holder, "Microsoft.Resources/subscriptions/read", scope);
    }
    const [, id, group] = GROUPS.exec(pathname) ?? [];
    return id === undefined ? resources.read(url, holder) : groupsOf(id, group, url, holder);
  }

  function tenantsOf(url: URL, holder: TokenHolder): ArmAnswer {
    const principal = [...world.users, ...world.servicePrincipals, ...world.managedIdentities]
      .find((one) => sameName(one.objectId, holder.objectId));
    const ids = principal ? [principal.tenant, ...principal.otherTenants] : [holder.tenant];
    const own = world.tenants.filter(({ id }) => ids.includes(id)).map((tenant) => ({
      id: `/tenants/${tenant.id}`,
      tenantId: tenant.id,
      displayName: tenant.name,
      domains: tenant.domains,
      defaultDomain: tenant.domains[0] ?? null,
      tenantCategory: "Home",
    }));
    return armPage(own, url, paging);
  }

  function groupsOf(
    id: string,
    segment: string | undefined,
    url: URL,
    holder: TokenHolder,
  ): ArmAnswer {
    const action = "Microsoft.Resources/subscriptions/resourceGroups/read";
    const scope = `/subscriptions/${id}`;
    const mine = catalogue.filter(({ subscription }) => sameName(subscription.id, id));
    const names = new Map(mine.map((one) => [one.resourceGroup.toLowerCase(), one.resourceGroup]));
    const describe = (name: string, { id }: Subscription) => ({
      id: `/subscriptions/${id}/resourceGroups/${name}`,
      name,
      type: "Microsoft.Resources/resourceGroups",
      location: LOCATION,
      properties: { provisioningState: "Succeeded" },
    });
    const [subscription] = mine.map((one) => one.subscription);
    if (segment !== undefined) {
      const wanted = decodePathSegment(segment);
      const place = `${scope}/resourceGroups/${wanted}`;
      if (!access.may(holder, action, place)) return authorizationFailed(holder, action, place);
      const name = names.get(wanted.toLowerCase());
      return name && subscription
        ? { body: describe(name, subscription) }
        : notFound("ResourceGroupNotFound", `Resource group '${wanted}' could not be found.`);
    }
    if (!access.touches(holder, scope)) return authorizationFailed(holder, action, scope);
    const readable = [...names.values()].filter((name) =>
      access.touches(holder, `${scope}/resourceGroups/${name}`)
    );
    return armPage(
      subscription ? readable.map((name) => describe(name, subscription)) : [],
      url,
      paging,
    );
  }

  return { handle };
}

function checkRequest(request: IncomingMessage, url: URL): ArmFailure | undefined {
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
  if (request.method !== (isResourceGraphPath(url.pathname) ? "POST" : "GET")) {
    return {
      status: 405,
      code: "MethodNotAllowed",
      message: "The emulator's resources can only be read.",
    };
  }
  return undefined;
}
