/** Microsoft Entra's v2.0 endpoints, as far as service principals use them. */

import type { IncomingMessage, ServerResponse } from "node:http";
import type { AccessTokens } from "./access_tokens.ts";
import { ASSERTION_TYPE, assertionProblem } from "./client_assertion.ts";
import { readBody, sendJson } from "./http_body.ts";
import { sameName } from "./resource_id.ts";
import type { ServicePrincipal, World } from "./world.ts";

export interface EntraOptions {
  readonly world: World;
  readonly tokens: AccessTokens;
  /** Base address, without a slash at its end. */
  readonly authority: string;
  readonly audience: string;
  readonly now: () => number;
}

const PATH =
  /^\/([^/]+)\/(v2\.0\/\.well-known\/openid-configuration|discovery\/v2\.0\/keys|oauth2\/v2\.0\/token)$/;

/** An error of Entra's: HTTP status, OAuth error, and the text with its AADSTS number. */
interface Refusal {
  readonly status: number;
  readonly error: string;
  readonly description: string;
}

export function isEntraPath(path: string): boolean {
  return PATH.test(path);
}

export function createEntra(options: EntraOptions) {
  const { world, tokens, authority } = options;

  async function handle(
    request: IncomingMessage,
    response: ServerResponse,
    path: string,
  ): Promise<void> {
    const [, tenant = "", endpoint = ""] = PATH.exec(path) ?? [];
    const principals = world.servicePrincipals.filter((one) => sameName(one.tenant, tenant));
    const [first] = principals;
    if (!first) {
      return refuse(response, {
        status: 400,
        error: "invalid_tenant",
        description: `AADSTS90002: Tenant '${tenant}' not found.`,
      });
    }
    const post = endpoint.endsWith("/token");
    if (request.method !== (post ? "POST" : "GET")) {
      return refuse(response, {
        status: 405,
        error: "invalid_request",
        description: `AADSTS900561: The endpoint only accepts ${post ? "POST" : "GET"} requests.`,
      });
    }
    if (endpoint.endsWith("openid-configuration")) {
      return sendJson(response, 200, openidConfiguration(first.tenant));
    }
    if (endpoint.endsWith("keys")) return sendJson(response, 200, tokens.keys);
    const form = new URLSearchParams(await readBody(request) ?? "");
    const refusal = await checkGrant(form, principals, first.tenant);
    if (refusal) return refuse(response, refusal);
    const { token, expiresIn } = await tokens.issue(first.tenant, form.get("client_id") ?? "");
    sendJson(response, 200, {
      token_type: "Bearer",
      expires_in: expiresIn,
      ext_expires_in: expiresIn,
      access_token: token,
    });
  }

  function openidConfiguration(tenant: string) {
    const base = `${authority}/${tenant}`;
    return {
      issuer: tokens.issuerOf(tenant),
      authorization_endpoint: `${base}/oauth2/v2.0/authorize`,
      token_endpoint: `${base}/oauth2/v2.0/token`,
      device_authorization_endpoint: `${base}/oauth2/v2.0/devicecode`,
      end_session_endpoint: `${base}/oauth2/v2.0/logout`,
      jwks_uri: `${base}/discovery/v2.0/keys`,
      token_endpoint_auth_methods_supported: ["client_secret_post", "private_key_jwt"],
      response_types_supported: ["code"],
      response_modes_supported: ["query", "fragment", "form_post"],
      subject_types_supported: ["pairwise"],
      id_token_signing_alg_values_supported: ["RS256"],
      scopes_supported: ["openid", "profile", "email", "offline_access"],
      claims_supported: ["sub", "iss", "aud", "exp", "iat", "tid"],
    };
  }

  async function checkGrant(
    form: URLSearchParams,
    principals: readonly ServicePrincipal[],
    tenant: string,
  ): Promise<Refusal | undefined> {
    if (form.get("grant_type") !== "client_credentials") {
      return {
        status: 400,
        error: "unsupported_grant_type",
        description: `AADSTS70003: The app requested an unsupported grant type '${
          form.get("grant_type") ?? ""
        }'.`,
      };
    }
    const clientId = form.get("client_id") ?? "";
    const principal = principals.find((one) => sameName(one.clientId, clientId));
    if (!principal) {
      return {
        status: 400,
        error: "unauthorized_client",
        description:
          `AADSTS700016: Application with identifier '${clientId}' was not found in the directory '${tenant}'.`,
      };
    }
    const problem = await credentialProblem(form, principal);
    if (problem) return { status: 401, error: "invalid_client", description: problem };
    // An audience that ends in a slash makes az ask for two of them.
    const resource = /^(.*?)\/+\.default$/.exec(form.get("scope") ?? "")?.[1];
    if (resource !== options.audience) {
      return {
        status: 400,
        error: "invalid_resource",
        description: `AADSTS500011: The resource principal named ${
          resource ?? form.get("scope") ?? "(none)"
        } was not found in the tenant. The emulator knows ${options.audience}/.default.`,
      };
    }
    return undefined;
  }

  async function credentialProblem(
    form: URLSearchParams,
    principal: ServicePrincipal,
  ): Promise<string | undefined> {
    const assertion = form.get("client_assertion");
    if (assertion !== null) {
      if (form.get("client_assertion_type") !== ASSERTION_TYPE || !principal.certificate) {
        return "AADSTS700027: Client assertion failed: no certificate is registered on application.";
      }
      return await assertionProblem(
        assertion,
        principal.certificate,
        principal.clientId,
        `${authority}/${principal.tenant}/oauth2/v2.0/token`,
        Math.floor(options.now() / 1000),
      );
    }
    const secret = form.get("client_secret");
    if (secret === null) {
      return "AADSTS7000218: The request body must contain the following parameter: 'client_assertion' or 'client_secret'.";
    }
    return secret === principal.clientSecret
      ? undefined
      : `AADSTS7000215: Invalid client secret provided for app '${principal.clientId}'.`;
  }

  function refuse(response: ServerResponse, { status, error, description }: Refusal): void {
    const code = Number(/^AADSTS(\d+)/.exec(description)?.[1]);
    const trace = crypto.randomUUID();
    const correlation = crypto.randomUUID();
    const timestamp = new Date(options.now()).toISOString().replace("T", " ").slice(0, 19) + "Z";
    sendJson(response, status, {
      error,
      error_description:
        `${description} Trace ID: ${trace} Correlation ID: ${correlation} Timestamp: ${timestamp}`,
      error_codes: [code],
      timestamp,
      trace_id: trace,
      correlation_id: correlation,
    });
  }

  return { handle };
}
