/** Our HTTP client in the shape that MSAL asks for. */

import type { INetworkModule, NetworkRequestOptions, NetworkResponse } from "@azure/msal-node";
import type { HttpClient, HttpResponse } from "../../../net/http_client.ts";
import { isRecord } from "../../../record.ts";
import { Secret } from "../../../secret.ts";

/** How MSAL's last exchange ended: of some failures it does not tell the cause. */
export interface Exchange {
  failure?: unknown;
  answer?: HttpResponse;
}

/** Redirects are not followed: MSAL's forms carry refresh tokens. */
export function msalNetwork(
  http: HttpClient,
  last: Exchange,
  signal?: AbortSignal,
): INetworkModule {
  async function send(
    method: "GET" | "POST",
    url: string,
    { headers, body }: NetworkRequestOptions = {},
  ): Promise<{ headers: Record<string, string>; body: unknown; status: number }> {
    delete last.failure;
    delete last.answer;
    try {
      const answer = await http.request({
        method,
        url,
        ...(headers ? { headers } : {}),
        ...(body === undefined ? {} : { body }),
        ...(signal ? { signal } : {}),
      });
      last.answer = answer;
      return {
        status: answer.status,
        headers: Object.fromEntries(answer.headers),
        body: documentOf(answer),
      };
    } catch (error) {
      last.failure = error;
      throw error;
    }
  }
  // MSAL names the type that it hopes for; it checks the fields that it uses.
  const typed = <Body>(sent: ReturnType<typeof send>) => sent as Promise<NetworkResponse<Body>>;
  return {
    sendGetRequestAsync: (url, options) => typed(send("GET", url, options)),
    sendPostRequestAsync: (url, options) => typed(send("POST", url, options)),
  };
}

/** What an answer may hold that no log or error is to show. */
const SECRETS = ["access_token", "refresh_token", "id_token", "device_code"];

/** A page of a proxy's or portal's comes to an error in the shape of Entra's. */
function documentOf(answer: HttpResponse): unknown {
  try {
    const document: unknown = JSON.parse(answer.text());
    const redirect = answer.status >= 300 && answer.status < 400;
    if (isRecord(document) && !redirect) {
      for (const name of SECRETS) {
        const value = document[name];
        if (typeof value === "string") new Secret(value);
      }
      return document;
    }
  } catch {
    // Said below.
  }
  return {
    error: "unreadable",
    error_description: `HTTP ${answer.status}, with nothing that Entra would say`,
  };
}
