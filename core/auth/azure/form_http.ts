import type { HttpClient } from "../../net/http_client.ts";

/**
 * Adds `form` to every form that a library posts. Some kinds of token (PROTOCOL §7's certificates)
 * need parameters that the libraries hand through in some flows and not in others.
 */
export function formHttp(
  http: HttpClient,
  form: Readonly<Record<string, string>> | undefined,
): HttpClient {
  if (form === undefined) return http;
  return {
    close: () => http.close(),
    request(request) {
      const { method, body } = request;
      if (method !== "POST" || body === undefined) return http.request(request);
      const text = typeof body === "string" ? body : new TextDecoder().decode(body);
      return http.request({ ...request, body: `${text}&${new URLSearchParams(form)}` });
    },
  };
}
