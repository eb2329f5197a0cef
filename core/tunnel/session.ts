/**
 * A session on the data plane: one token set, opened by POST /api/tokens and closed by DELETE
 * (PROTOCOL §2). One for every connection, never shared.
 */

import type { AccessToken } from "../auth/azure/credential.ts";
import type { Clock } from "../clock.ts";
import { isBastionError, messageOf } from "../errors.ts";
import type { Logger } from "../logger.ts";
import type { HttpClient, HttpRequest, HttpResponse } from "../net/http_client.ts";
import { Secret } from "../secret.ts";
import type { Target } from "../target/target.ts";
import { findDataPod, needsDataPod } from "./data_pod.ts";
import type { Journal, SessionKey } from "./journal.ts";
import type { OwedDeletes } from "./owed_deletes.ts";
import { sessionRefusal } from "./session_refusal.ts";
import { readTokenAnswer } from "./token_answer.ts";

export interface Session {
  /** Host name of its data plane, with a port where it is not 443. */
  readonly endpoint: string;
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
  /** The cloud's domain of data pods, for hosts of the Developer SKU. */
  readonly dataPodSuffix?: string | undefined;
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
 * @throws BastionError `token-…`, `data-pod-invalid` and network errors
 */
export async function openSession(
  target: Target,
  accessToken: AccessToken,
  options: SessionOptions,
  signal: AbortSignal,
  repeat: boolean,
): Promise<Session> {
  const http = {
    request: (request: HttpRequest) =>
      repeat ? requestAnew(request, options) : options.http.request(request),
  };
  const onPod = needsDataPod(target);
  const endpoint = onPod
    ? await findDataPod(target, accessToken, options.dataPodSuffix, {
      http,
      date: () => options.clock.date(),
    }, signal)
    : target.bastionHost.endpoint;
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
  const response = await http.request(request);
  if (response.status !== 200) {
    const { length } = accessToken.token;
    throw sessionRefusal(response, target, length, options.clock.date());
  }
  const tokens = readTokenAnswer(response.text());
  const entry = options.journal.opened({ endpoint, ...tokens });

  const token = encodeURIComponent(tokens.websocketToken.reveal());
  const path = new Secret(
    onPod
      ? `/omni/webtunnel/${token}`
      : `/webtunnelv2/${token}?X-Node-Id=${encodeURIComponent(tokens.nodeId)}`,
  );

  return {
    endpoint,
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
