/** What it means that the data plane gives no session. Pure. */

import { type BastionError, bastionError } from "../errors.ts";
import type { HttpResponse } from "../net/http_client.ts";
import type { Target } from "../target/target.ts";
import { parseRetryAfter } from "./retry.ts";
import { refusalDetail } from "./refusal_detail.ts";

/** The service takes no larger access token, in bytes; users in very many Entra groups have one. */
export const OVERSIZED_TOKEN = 8 * 1024;

/**
 * @param tokenSize of the access token that was sent, in bytes
 * @param now what a date in Retry-After is compared with
 */
export function sessionRefusal(
  response: HttpResponse,
  target: Target,
  tokenSize: number,
  now: Date,
): BastionError {
  const { status } = response;
  const detail = refusalDetail(response.text());
  const error = status === 401
    ? bastionError("token-unauthorized", { detail })
    : status === 403
    ? bastionError("token-forbidden", { detail, target: target.label })
    : status === 404
    ? bastionError("token-not-found", { detail, target: target.label })
    : status === 429
    ? bastionError("token-throttled", { detail })
    // Nobody has seen the service say what is wrong with such a token.
    : tokenSize > OVERSIZED_TOKEN && [400, 413, 431].includes(status)
    ? bastionError("token-oversized", { size: tokenSize, detail: ` (HTTP ${status}${detail})` })
    : status >= 200 && status < 400
    ? bastionError("token-unreadable", { problem: `it has the status ${status}` })
    : bastionError("token-refused", { status, detail, target: target.label });
  const retryAfter = parseRetryAfter(response.headers.get("retry-after"), now);
  if (retryAfter !== undefined) error.retryAfter = retryAfter;
  return error;
}
