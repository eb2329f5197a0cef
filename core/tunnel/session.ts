/**
 * A session on the data plane: one token set, opened by POST /api/tokens and closed by DELETE
 * (PROTOCOL §2). One for every connection, never shared.
 */

import type { AccessToken } from "../auth/azure/credential.ts";
import type { Clock } from "../clock.ts";
import { type BastionError, bastionError, isBastionError, messageOf } from "../errors.ts";
import type { Logger } from "../logger.ts";
import type { HttpClient, HttpRequest, HttpResponse } from "../net/http_client.ts";
import { Secret } from "../secret.ts";
import type { Target } from "../target/target.ts";
import type { Journal, SessionKey } from "./journal.ts";
import type { OwedDeletes } from "./owed_deletes.ts";
import { parseRetryAfter } from "./retry.ts";
import { refusalDetail } from "./refusal_detail.ts";
import { readTokenAnswer } from "./token_answer.ts";

export interface Session {
  /** Path and query of its WebSocket. */
  readonly path: Secret;
  /** Deletes it, within 5 s. Never throws: what could not be deleted is tried again later. */
  close(): Promise<void>;
}

export interface SessionOptions {
  readonly http: HttpClient;
  readonly journal: Journal;
  readonly owed: OwedDeletes;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Milliseconds for the POST. */
const OPEN_TIMEOUT = 15_000;
/** Milliseconds for the DELETE. */
const CLOSE_TIMEOUT = 5_000;
/** An answer is three tokens of some kilobytes. */
const MAX_ANSWER = 256 * 1024;

/**
 * Opens a session for `target`.
 * @param repeat whether to ask once more where a kept-alive connection turns out to be stale
 * @throws BastionError `token-…` and network errors
 */
export async function openSession(
  target: Target,
  accessToken: AccessToken,
  options: SessionOptions,
  signal: AbortSignal,
  repeat: boolean,
): Promise<Session> {
  const { endpoint } = target.bastionHost;
  const form = new URLSearchParams({
    resourceId: target.resourceId,
    protocol: "tcptunnel",
    workloadHostPort: String(target.port),
    aztoken: accessToken.token.reveal(),
    ...(target.hostname === undefined ? {} : { hostname: target.hostname }),
  });
  const request = {
    method: "POST",
    url: `https://${endpoint}/api/tokens`,
    // No Authorization header: the service has been seen to answer one with a 500.
    headers: { "Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json" },
    body: form.toString(),
    signal,
    timeout: OPEN_TIMEOUT,
    maxBytes: MAX_ANSWER,
  };
  const response = repeat
    ? await requestAnew(request, options)
    : await options.http.request(request);
  if (response.status !== 200) throw refusalOf(response, target, options.clock);
  const tokens = readTokenAnswer(response.text());
  const entry = options.journal.opened({ endpoint, ...tokens });

  const path = new Secret(
    `/webtunnelv2/${encodeURIComponent(tokens.websocketToken.reveal())}` +
      `?X-Node-Id=${encodeURIComponent(tokens.nodeId)}`,
  );

  return {
    path,
    async close() {
      tokens.websocketToken[Symbol.dispose]();
      path[Symbol.dispose]();
      await options.owed.end({ endpoint, ...tokens }, () => {
        entry.closed();
        tokens.authToken[Symbol.dispose]();
      });
    },
  };
}

/** Whether the session is gone: deleted now, or not known any longer. */
export async function deleteSession(
  key: SessionKey,
  options: Pick<SessionOptions, "http" | "log">,
  signal?: AbortSignal,
): Promise<boolean> {
  try {
    const { status } = await requestAnew({
      method: "DELETE",
      url: `https://${key.endpoint}/api/tokens/${encodeURIComponent(key.authToken.reveal())}`,
      headers: { "X-Node-Id": key.nodeId },
      timeout: CLOSE_TIMEOUT,
      ...(signal ? { signal } : {}),
    }, options);
    if ((status >= 200 && status < 300) || status === 404) return true;
    options.log.warning("a session could not be deleted", { status });
  } catch (error) {
    options.log.warning("a session could not be deleted", { problem: messageOf(error) });
  }
  return false;
}

/** A kept-alive connection that the service had closed meanwhile: once more, on a fresh one. */
async function requestAnew(
  request: HttpRequest,
  { http, log }: Pick<SessionOptions, "http" | "log">,
): Promise<HttpResponse> {
  try {
    return await http.request(request);
  } catch (error) {
    if (!isBastionError(error, "http-failed")) throw error;
    log.debug("the kept-alive connection was stale", { problem: messageOf(error) });
    return await http.request({ ...request, fresh: true });
  }
}

function refusalOf(response: HttpResponse, target: Target, clock: Clock): BastionError {
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
    : status >= 200 && status < 400
    ? bastionError("token-unreadable", { problem: `it has the status ${status}` })
    : bastionError("token-refused", { status, detail, target: target.label });
  const retryAfter = parseRetryAfter(response.headers.get("retry-after"), clock.date());
  if (retryAfter !== undefined) error.retryAfter = retryAfter;
  return error;
}
