/**
 * Azure Resource Manager, on `@azure/core-rest-pipeline`: retries with Retry-After and throttling
 * are the library's, proxy and CAs are ours.
 */

import type { PipelinePolicy, PipelineResponse } from "@azure/core-rest-pipeline";
import type { AzureCredential, TokenOptions } from "../auth/azure/credential.ts";
import { bastionError, isBastionError, messageOf } from "../errors.ts";
import type { Logger } from "../logger.ts";
import type { HttpClient } from "../net/http_client.ts";
import { once } from "../once.ts";
import { isRecord } from "../record.ts";
import { parseRetryAfter } from "../tunnel/retry.ts";
import { armRefusal } from "./arm_refusal.ts";
import type { Cloud } from "./cloud.ts";
import { wantedTenant } from "./wanted_tenant.ts";

/** Parameters of a URL's query, besides the version. */
export type ArmQuery = Readonly<Record<string, string>>;

/** Every path begins with a slash and has no query; `what` names the answer to the user. */
export interface ArmClient {
  /**
   * The JSON document at `path`; undefined where there is none (404).
   * @throws BastionError `arm-…`, `credential-…`, network errors
   */
  get(
    path: string,
    apiVersion: string,
    what: string,
    signal?: AbortSignal,
    query?: ArmQuery,
  ): Promise<unknown>;
  /** Every item of a list, page after page. */
  list(
    path: string,
    apiVersion: string,
    what: string,
    signal?: AbortSignal,
    query?: ArmQuery,
  ): Promise<unknown[]>;
  /** The answer to a question whose parameters are `body`, as JSON; undefined for a 404. */
  post(
    path: string,
    apiVersion: string,
    body: unknown,
    what: string,
    signal?: AbortSignal,
  ): Promise<unknown>;
  /**
   * The tenant that a subscription belongs to, where Resource Manager has said that it is not the
   * credential's own.
   */
  tenantOf(subscription: string): string | undefined;
}

/** A list that goes on for more pages than this is broken, or made to keep us busy. */
const MAX_PAGES = 1_000;
/** Nor does anybody have so many of anything. */
const MAX_ITEMS = 200_000;
/** A page of VMs with their states has some MiB. */
const MAX_ANSWER = 8 * 1024 * 1024;
/** Who is asked to wait longer is told so, and decides, in ms; a silent program looks hung. */
const MAX_RETRY_AFTER = 20_000;

interface ArmRequest {
  readonly url: string;
  readonly what: string;
  /** The subscription that it is about; its tenant must have issued the token. */
  readonly subscription?: string | undefined;
  /** For a POST. */
  readonly body?: unknown;
  readonly signal?: AbortSignal | undefined;
}

export function createArmClient(
  cloud: Cloud,
  credential: AzureCredential,
  http: HttpClient,
  log: Logger,
): ArmClient {
  // Heavy: a run that finds on disk all that it needs asks nothing.
  const prepare = once(async () => {
    const [library, { pipelineHttpClient }] = await Promise.all([
      import("@azure/core-rest-pipeline"),
      import("./pipeline_http_client.ts"),
    ]);
    const pipeline = library.createEmptyPipeline();
    // No redirect policy: a token must not follow a redirect to another host.
    pipeline.addPolicy(library.defaultRetryPolicy({ maxRetries: 3 }));
    pipeline.addPolicy(boundedRetryAfter);
    return { library, pipeline, client: pipelineHttpClient(http, MAX_ANSWER) };
  });
  const scope = `${cloud.audience}/.default`;
  const tenants = new Map<string, string>();

  async function send(request: ArmRequest, how: TokenOptions): Promise<PipelineResponse> {
    const { url, body, signal } = request;
    const [{ library, pipeline, client }, { token }] = await Promise.all([
      prepare(),
      credential.getToken(scope, { ...how, ...(signal ? { signal } : {}) }),
    ]);
    return await pipeline.sendRequest(
      client,
      library.createPipelineRequest({
        url,
        headers: library.createHttpHeaders({
          authorization: `Bearer ${token.reveal()}`,
          accept: "application/json",
          ...(body === undefined ? {} : { "content-type": "application/json" }),
        }),
        ...(body === undefined ? {} : { method: "POST", body: JSON.stringify(body) }),
        ...(signal ? { abortSignal: signal } : {}),
      }),
    );
  }

  /** With a token of the tenant that the subscription belongs to, and a new one where that helps. */
  async function exchange(request: ArmRequest): Promise<PipelineResponse> {
    const known = request.subscription && tenants.get(request.subscription);
    let how: TokenOptions = known ? { tenant: known } : {};
    let response = await send(request, { ...how, fresh: false });
    if (response.status !== 401) return response;
    const wanted = request.subscription ? wantedTenant(response, cloud) : undefined;
    if (request.subscription && wanted !== undefined && wanted !== known) {
      log.debug("the subscription is another tenant's", { tenant: wanted });
      how = { tenant: wanted };
      response = await send(request, { ...how, fresh: false });
      if (response.status !== 401) tenants.set(request.subscription, wanted);
      return response;
    }
    // Revoked or of another key: a new one settles whether the credential is still good.
    return await send(request, { ...how, fresh: true });
  }

  async function ask(request: ArmRequest): Promise<unknown> {
    const { what, signal } = request;
    let response: PipelineResponse;
    try {
      response = await exchange(request);
    } catch (error) {
      signal?.throwIfAborted();
      if (isBastionError(error)) throw error;
      throw bastionError("arm-failed", { resource: what, problem: messageOf(error) }, error);
    }
    log.debug("resource manager", { what, status: response.status });
    if (response.status === 404) return undefined;
    if (response.status !== 200) throw armRefusal(response, what);
    try {
      return JSON.parse(response.bodyAsText ?? "");
    } catch (error) {
      throw bastionError("arm-unreadable", { resource: what, problem: "it is not JSON" }, error);
    }
  }

  const urlOf = (path: string, apiVersion: string, query: ArmQuery = {}) =>
    `${cloud.resourceManager}${encodeURI(path)}?${new URLSearchParams({
      "api-version": apiVersion,
      ...query,
    })}`;

  return {
    get: (path, apiVersion, what, signal, query) =>
      ask({
        url: urlOf(path, apiVersion, query),
        what,
        subscription: subscriptionIn(path),
        signal,
      }),
    post: (path, apiVersion, body, what, signal) =>
      ask({
        url: urlOf(path, apiVersion),
        what,
        subscription: subscriptionIn(path),
        body,
        signal,
      }),
    tenantOf: (subscription) => tenants.get(subscription.toLowerCase()),
    async list(path, apiVersion, what, signal, query) {
      const unreadable = (problem: string) =>
        bastionError("arm-unreadable", { resource: what, problem });
      const subscription = subscriptionIn(path);
      const items: unknown[] = [];
      let url: string | undefined = urlOf(path, apiVersion, query);
      for (let page = 0; url !== undefined; page++) {
        if (page === MAX_PAGES || items.length > MAX_ITEMS) throw unreadable("it has no end");
        const document = await ask({ url, what, subscription, signal });
        const value = isRecord(document) ? document["value"] : undefined;
        if (!isRecord(document) || !Array.isArray(value)) throw unreadable("it holds no list");
        for (const item of value) items.push(item);
        url = nextPage(document["nextLink"], cloud, what);
      }
      return items;
    },
  };
}

/** Without the header, the library takes the refusal as the answer. */
const boundedRetryAfter: PipelinePolicy = {
  name: "boundedRetryAfter",
  async sendRequest(request, next) {
    const response = await next(request);
    const value = response.headers.get("retry-after") ?? null;
    if ((parseRetryAfter(value, new Date()) ?? 0) > MAX_RETRY_AFTER) {
      response.headers.delete("retry-after");
    }
    return response;
  },
};

/** A continuation link is followed only to where the token belongs. */
function nextPage(link: unknown, cloud: Cloud, what: string): string | undefined {
  if (link === undefined || link === null || link === "") return undefined;
  const url = typeof link === "string" ? URL.parse(link) : null;
  if (url?.origin !== new URL(cloud.resourceManager).origin) {
    throw bastionError("arm-unreadable", {
      resource: what,
      problem: "its next page is on another host",
    });
  }
  return url.href;
}

function subscriptionIn(path: string): string | undefined {
  return /^\/subscriptions\/([^/]+)/i.exec(path)?.[1]?.toLowerCase();
}
