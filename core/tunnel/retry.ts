/** Whether, and when, a failed attempt to open a connection is made again. Pure. */

import { BastionError } from "../errors.ts";

const MAX_ATTEMPTS = 3;
/** All attempts together, in ms: a program that waits longer has given up. */
export const RETRY_BUDGET = 20_000;
const FIRST_DELAY = 250;

/** What may pass by itself, or with a fresh token. Never a 403: asking again will not be allowed. */
const RETRYABLE: ReadonlySet<string> = new Set([
  "connect-refused",
  "connect-timeout",
  "connect-failed",
  "http-failed",
  "http-truncated",
  "token-unauthorized",
  "token-throttled",
  "token-refused",
  "upgrade-refused",
  "upgrade-broken",
  "peer-cut",
  "peer-protocol",
]);

/** Close codes that say so: "service restart" and "try again later" (IANA's registry). */
const RETRYABLE_CLOSE: ReadonlySet<unknown> = new Set([1012, 1013]);

export interface FailedAttempt {
  readonly error: unknown;
  /** How many attempts have been made. */
  readonly attempts: number;
  /** Since the first one began, in ms. */
  readonly elapsed: number;
  /** From 0 up to 1. */
  readonly random: number;
}

/** Milliseconds to wait before the next attempt; undefined where there is to be none. */
export function retryDelay(failed: FailedAttempt): number | undefined {
  const { error, attempts, elapsed, random } = failed;
  if (!(error instanceof BastionError) || attempts >= MAX_ATTEMPTS || !isRetryable(error)) {
    return undefined;
  }
  // Half fixed, half chance: connections that failed together must not come back together.
  const backoff = FIRST_DELAY * 2 ** (attempts - 1) * (0.5 + random / 2);
  const delay = Math.max(error.retryAfter ?? 0, backoff);
  return elapsed + delay < RETRY_BUDGET ? delay : undefined;
}

function isRetryable(error: BastionError): boolean {
  if (error.code === "peer-closed") return RETRYABLE_CLOSE.has(error.params["code"]);
  // A 4xx is about the request, and the same request gets the same answer.
  if (error.code === "token-refused") return Number(error.params["status"]) >= 500;
  return RETRYABLE.has(error.code);
}

/** The value of a Retry-After header (RFC 9110 §10.2.3: seconds or a date) in ms. */
export function parseRetryAfter(value: string | null, now: Date): number | undefined {
  if (value === null) return undefined;
  if (/^\s*\d+\s*$/.test(value)) return Number(value) * 1000;
  const date = Date.parse(value);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now.getTime());
}
