/** An HTTP client without a network: a test says what each request is answered with. */

import type { HttpClient, HttpRequest } from "../../core/net/http_client.ts";

export interface FakeAnswer {
  /** 200 where it is left out. */
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** A text as it is, anything else as JSON. */
  readonly body?: unknown;
}

export interface FakeHttp extends HttpClient {
  readonly requests: readonly HttpRequest[];
}

/** `index` counts requests from 0. What `answer` throws is what the request fails with. */
export function fakeHttp(answer: (request: HttpRequest, index: number) => FakeAnswer): FakeHttp {
  const requests: HttpRequest[] = [];
  return {
    requests,
    close() {},
    async request(request) {
      request.signal?.throwIfAborted();
      requests.push(request);
      const { status = 200, headers = {}, body = "" } = await Promise.resolve(
        answer(request, requests.length - 1),
      );
      const text = typeof body === "string" ? body : JSON.stringify(body);
      return {
        status,
        headers: new Headers(headers),
        body: new TextEncoder().encode(text),
        text: () => text,
      };
    },
  };
}
