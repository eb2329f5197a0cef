/** Our HTTP client in the shape of Azure's libraries, so that they use the user's proxy and CAs. */

import {
  createHttpHeaders,
  type HttpClient as PipelineHttpClient,
  type PipelineRequest,
  type PipelineResponse,
} from "@azure/core-rest-pipeline";
import type { HttpClient } from "../net/http_client.ts";

/**
 * Network errors are thrown as they are: they name the cause better than a RestError would.
 * @param maxBytes the largest answer that is read, where it is not the HTTP client's own limit
 */
export function pipelineHttpClient(http: HttpClient, maxBytes?: number): PipelineHttpClient {
  return {
    async sendRequest(request) {
      const response = await http.request({
        method: request.method,
        url: request.url,
        headers: request.headers.toJSON(),
        ...(request.body === undefined || request.body === null
          ? {}
          : { body: bodyOf(request.body) }),
        ...(request.abortSignal ? { signal: toSignal(request.abortSignal) } : {}),
        ...(request.timeout > 0 ? { timeout: request.timeout } : {}),
        ...(maxBytes === undefined ? {} : { maxBytes }),
      });
      const answer: PipelineResponse = {
        request,
        status: response.status,
        headers: createHttpHeaders(Object.fromEntries(response.headers)),
        bodyAsText: response.text(),
      };
      return answer;
    },
  };
}

function bodyOf(body: NonNullable<PipelineRequest["body"]>): string | Uint8Array {
  if (typeof body === "string" || body instanceof Uint8Array) return body;
  // What we and the identity library send is JSON and forms.
  throw new TypeError("only text and bytes can be sent");
}

/** Azure's AbortSignalLike, which theirs and the platform's own both are. */
function toSignal(signal: NonNullable<PipelineRequest["abortSignal"]>): AbortSignal {
  if (signal instanceof AbortSignal) return signal;
  const controller = new AbortController();
  if (signal.aborted) controller.abort();
  else signal.addEventListener("abort", () => controller.abort());
  return controller.signal;
}
