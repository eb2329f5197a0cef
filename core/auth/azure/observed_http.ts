/**
 * An HTTP client for a library: it remembers how its last exchange ended, since libraries do not
 * tell every cause, and ends with `signal`.
 */

import type { HttpClient } from "../../net/http_client.ts";
import type { Exchange } from "./login/msal_network.ts";

export function observedHttp(
  http: HttpClient,
  last: Exchange,
  signal?: AbortSignal,
): HttpClient {
  return {
    close: () => http.close(),
    async request(request) {
      delete last.failure;
      delete last.answer;
      try {
        return last.answer = await http.request({ ...request, ...both(request.signal, signal) });
      } catch (error) {
        last.failure = error;
        throw error;
      }
    },
  };
}

function both(one?: AbortSignal, other?: AbortSignal): { signal?: AbortSignal } {
  const signals = [one, other].filter((signal) => signal !== undefined);
  return signals.length === 0 ? {} : { signal: AbortSignal.any(signals) };
}
