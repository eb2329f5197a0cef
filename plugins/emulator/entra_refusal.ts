/** Errors in Entra's words. */

import type { ServerResponse } from "node:http";
import { sendJson } from "./http_body.ts";

/** HTTP status, OAuth error, and the text with its AADSTS number. */
export interface EntraRefusal {
  readonly status: number;
  readonly error: string;
  readonly description: string;
  readonly suberror?: string;
  /** What the next sign-in must show, as JSON. */
  readonly claims?: string;
}

export function entraRefusal(error: string, description: string, status = 400): EntraRefusal {
  return { status, error, description };
}

/** The text as it is sent: with what support asks for. */
export function fullDescription({ description }: EntraRefusal, now: number) {
  const timestamp = new Date(now).toISOString().replace("T", " ").slice(0, 19) + "Z";
  const trace = crypto.randomUUID();
  const correlation = crypto.randomUUID();
  return {
    text:
      `${description} Trace ID: ${trace} Correlation ID: ${correlation} Timestamp: ${timestamp}`,
    timestamp,
    trace,
    correlation,
  };
}

export function sendRefusal(response: ServerResponse, refusal: EntraRefusal, now: number): void {
  const { text, timestamp, trace, correlation } = fullDescription(refusal, now);
  const { suberror, claims } = refusal;
  sendJson(response, refusal.status, {
    error: refusal.error,
    error_description: text,
    error_codes: [Number(/^AADSTS(\d+)/.exec(refusal.description)?.[1])],
    timestamp,
    trace_id: trace,
    correlation_id: correlation,
    ...(suberror === undefined ? {} : { suberror }),
    ...(claims === undefined ? {} : { claims }),
  });
}
