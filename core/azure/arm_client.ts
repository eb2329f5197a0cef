/**
 * Azure Resource Manager, on `@azure/core-rest-pipeline`: retries with Retry-After, throttling and
 * authentication are the library's, proxy and CAs are ours.
 */

import {
  createEmptyPipeline,
  createHttpHeaders,
  createPipelineRequest,
  defaultRetryPolicy,
  type PipelinePolicy,
  type PipelineResponse,
} from "@azure/core-rest-pipeline";
import type { AzureCredential } from "../auth/azure/credential.ts";
import { type BastionError, bastionError, isBastionError, messageOf } from "../errors.ts";
import type { Logger } from "../logger.ts";
import type { HttpClient } from "../net/http_client.ts";
import { isRecord } from "../record.ts";
import { printable } from "../secret.ts";
import { parseRetryAfter } from "../tunnel/retry.ts";
import type { Cloud } from "./cloud.ts";
import { pipelineHttpClient } from "./pipeline_http_client.ts";

export interface ArmClient {
  /**
   * The JSON document at `path` (which begins with a slash and has no query); undefined where
   * there is none (404). `what` names it to the user.
   * @throws BastionError `arm-…`, `credential-…`, network errors
   */
  get(path: string, apiVersion: string, what: string, signal?: AbortSignal): Promise<unknown>;
  /** Every item of a list, page after page. */
  list(path: string, apiVersion: string, what: string, signal?: AbortSignal): Promise<unknown[]>;
}

/** A list that goes on for more pages than this is broken, or made to keep us busy. */
const MAX_PAGES = 1_000;
/** Who is asked to wait longer is told so, and decides, in ms; a silent program looks hung. */
const MAX_RETRY_AFTER = 20_000;

export function createArmClient(
  cloud: Cloud,
  credential: AzureCredential,
  http: HttpClient,
  log: Logger,
): ArmClient {
  const pipeline = createEmptyPipeline();
  // No redirect policy: a token must not follow a redirect to another host.
  pipeline.addPolicy(defaultRetryPolicy({ maxRetries: 3 }));
  pipeline.addPolicy(boundedRetryAfter);
  const client = pipelineHttpClient(http);
  const scope = `${cloud.audience}/.default`;

  async function send(url: string, fresh: boolean, signal?: AbortSignal) {
    const { token } = await credential.getToken(scope, { fresh, ...(signal ? { signal } : {}) });
    const request = createPipelineRequest({
      url,
      headers: createHttpHeaders({
        authorization: `Bearer ${token.reveal()}`,
        accept: "application/json",
      }),
      ...(signal ? { abortSignal: signal } : {}),
    });
    return await pipeline.sendRequest(client, request);
  }

  async function getUrl(url: string, what: string, signal?: AbortSignal): Promise<unknown> {
    let response: PipelineResponse;
    try {
      response = await send(url, false, signal);
      // Revoked or of another key: a new one settles whether the credential is still good.
      if (response.status === 401) response = await send(url, true, signal);
    } catch (error) {
      signal?.throwIfAborted();
      if (isBastionError(error)) throw error;
      throw bastionError("arm-failed", { resource: what, problem: messageOf(error) }, error);
    }
    log.debug("resource manager", { what, status: response.status });
    if (response.status === 404) return undefined;
    if (response.status !== 200) throw refusalOf(response, what);
    return readJson(response, what);
  }

  const urlOf = (path: string, apiVersion: string) =>
    `${cloud.resourceManager}${encodeURI(path)}?api-version=${apiVersion}`;

  return {
    get: (path, apiVersion, what, signal) => getUrl(urlOf(path, apiVersion), what, signal),
    async list(path, apiVersion, what, signal) {
      const items: unknown[] = [];
      let url: string | undefined = urlOf(path, apiVersion);
      for (let page = 0; url !== undefined; page++) {
        if (page === MAX_PAGES) {
          throw bastionError("arm-unreadable", { resource: what, problem: "it has no end" });
        }
        const document = await getUrl(url, what, signal);
        const value = isRecord(document) ? document["value"] : undefined;
        if (!isRecord(document) || !Array.isArray(value)) {
          throw bastionError("arm-unreadable", { resource: what, problem: "it holds no list" });
        }
        items.push(...value);
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

function readJson(response: PipelineResponse, what: string): unknown {
  try {
    return JSON.parse(response.bodyAsText ?? "");
  } catch (error) {
    throw bastionError("arm-unreadable", { resource: what, problem: "it is not JSON" }, error);
  }
}

function refusalOf(response: PipelineResponse, what: string): BastionError {
  const { code, message } = reasonIn(response.bodyAsText ?? "");
  const id = response.headers.get("x-ms-correlation-request-id");
  const detail = [
    message ? `: ${message}` : code ? `: ${code}` : "",
    id ? `; correlation id ${printable(id, 60)}` : "",
  ].join("");
  if (response.status === 401) {
    return bastionError("credential-rejected", { service: "Azure Resource Manager", detail });
  }
  if (response.status === 403) return bastionError("arm-forbidden", { resource: what, detail });
  return bastionError("arm-failed", {
    resource: what,
    problem: `HTTP ${response.status}${detail}`,
  });
}

/** `{"error": {"code", "message"}}`, as Resource Manager has it. */
function reasonIn(body: string): { code?: string; message?: string } {
  try {
    const parsed: unknown = JSON.parse(body);
    const error = isRecord(parsed) ? parsed["error"] : undefined;
    if (!isRecord(error)) return {};
    const { code, message } = error;
    return {
      ...(typeof code === "string" ? { code: printable(code, 60) } : {}),
      ...(typeof message === "string" ? { message: printable(message, 250) } : {}),
    };
  } catch {
    return {};
  }
}
