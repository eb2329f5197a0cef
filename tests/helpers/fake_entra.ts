/** As much of Microsoft Entra as a sign-in needs, over TLS, in this process; a test answers for it. */

import { systemClock } from "../../core/clock.ts";
import { createLogger, type LogRecord } from "../../core/logger.ts";
import type { CredentialSource } from "../../core/auth/azure/credential.ts";
import { createHttpClient } from "../../core/net/http_client.ts";
import { createPlatform } from "../../core/platform.ts";
import { openidConfiguration } from "./openid_configuration.ts";
import { testCertificate } from "./test_certificate.ts";

const certificate = await testCertificate();

export interface FakeEntra extends AsyncDisposable {
  readonly authority: string;
  /** What its certificate must be verified against, in PEM. */
  readonly ca: string;
  /** What its token endpoint was sent. */
  readonly forms: readonly URLSearchParams[];
  /** Each request, as `GET /path`. */
  readonly paths: readonly string[];
}

export interface FakeEntraOptions {
  /** The token endpoint; `count` counts its requests from 1. */
  readonly token: (form: URLSearchParams, count: number) => Response | Promise<Response>;
  /** In place of the configuration document. */
  readonly configuration?: Response;
  /** Answers what is neither; 404 where it is left out. */
  readonly other?: (request: Request) => Response | Promise<Response>;
}

export function fakeEntra({ token, configuration, other }: FakeEntraOptions): FakeEntra {
  const forms: URLSearchParams[] = [];
  const paths: string[] = [];
  const server = Deno.serve({
    hostname: "127.0.0.1",
    port: 0,
    cert: certificate.certificate,
    key: certificate.key,
    onListen: () => {},
  }, async (request) => {
    const { pathname, origin } = new URL(request.url);
    paths.push(`${request.method} ${pathname}`);
    const [, tenant = ""] = pathname.split("/");
    if (pathname.endsWith("/.well-known/openid-configuration")) {
      return configuration?.clone() ?? Response.json(openidConfiguration(`${origin}/${tenant}`));
    }
    if (pathname.endsWith("/token") && request.method === "POST") {
      const form = new URLSearchParams(await request.text());
      forms.push(form);
      return await token(form, forms.length);
    }
    return await other?.(request) ?? new Response(null, { status: 404 });
  });
  return {
    authority: `https://127.0.0.1:${server.addr.port}`,
    ca: certificate.ca,
    forms,
    paths,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

/** A token answer of Entra's: `token-number-1` and so on. */
export function tokenAnswer(count: number, others: Record<string, unknown> = {}): Response {
  return Response.json({
    token_type: "Bearer",
    expires_in: 3600,
    access_token: `token-number-${count}`,
    ...others,
  });
}

/** An answer that never comes to its end. */
export function silence(): Response {
  return new Response(new ReadableStream());
}

export interface TestSource extends CredentialSource, Disposable {
  readonly records: readonly LogRecord[];
}

/** What a provider is handed, in a cloud whose authority is `authority`. */
export function credentialSource(
  authority: string,
  env: Readonly<Record<string, string>> = {},
  others: Partial<CredentialSource> = {},
): TestSource {
  const records: LogRecord[] = [];
  const http = createHttpClient({ caCerts: [certificate.ca], sources: [] }, () => undefined);
  const lookUp = (name: string) => env[name];
  return {
    cloud: {
      name: "Test",
      resourceManager: "https://management.example",
      authority,
      audience: "https://management.example",
    },
    http,
    log: createLogger("test", (record) => records.push(record)),
    clock: systemClock,
    platform: createPlatform("linux", lookUp),
    memoryOnly: true,
    env: lookUp,
    ...others,
    records,
    [Symbol.dispose]: () => http.close(),
  };
}
