/**
 * HTTP for a computer's own metadata service, which speaks no TLS: to link-local and loopback
 * addresses alone, and never through a proxy, which would ask for *its* computer's identity.
 */

import { bastionError } from "../../errors.ts";
import { createHttpClient, type HttpClient } from "../../net/http_client.ts";

export function metadataHttp(http: HttpClient): HttpClient {
  const direct = createHttpClient({ caCerts: [], sources: [] }, () => undefined);
  return {
    close: () => direct.close(),
    async request(request) {
      const url = new URL(request.url);
      const { protocol, hostname, host } = url;
      if (protocol !== "http:") return await http.request(request);
      if (!isOwn(hostname)) {
        throw bastionError("credential-broken", {
          credential: "managed-identity",
          problem: `its address, http://${host}, is neither encrypted nor this computer's own`,
          remedy: "Look at IDENTITY_ENDPOINT, MSI_ENDPOINT and AZURE_POD_IDENTITY_AUTHORITY_HOST.",
        });
      }
      // MSAL ends the path with a slash, which no service's documentation has.
      url.pathname = url.pathname.replace(/\/$/, "");
      return await direct.request({ ...request, url });
    },
  };
}

function isOwn(hostname: string): boolean {
  return /^(169\.254|127\.\d+)\.\d+\.\d+$/.test(hostname) || hostname === "localhost" ||
    hostname === "[::1]";
}
