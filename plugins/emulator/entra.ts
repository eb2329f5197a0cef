/** Microsoft Entra: v2.0's endpoints and the older ones, and ADFS beside them. */

import type { IncomingMessage, ServerResponse } from "node:http";
import type { AccessTokens } from "./access_tokens.ts";
import { createAuthorizationCodes } from "./authorization_codes.ts";
import { createAuthorize } from "./authorize.ts";
import { createDeviceCodes, type DeviceCodes } from "./device_codes.ts";
import { createDeviceLogin, DEVICE_LOGIN_PATH } from "./device_login.ts";
import { type Authority, createDirectory, type Directory } from "./directory.ts";
import { type EntraEndpoint, parseEntraPath } from "./entra_path.ts";
import { type EntraRefusal, entraRefusal, sendRefusal } from "./entra_refusal.ts";
import { readBody, sendJson } from "./http_body.ts";
import { openidConfiguration } from "./openid_configuration.ts";
import { decodePathSegment } from "./path_segment.ts";
import { createRefreshTokens } from "./refresh_tokens.ts";
import { requestedResource } from "./requested_resource.ts";
import type { SecretRecord } from "./secret_record.ts";
import { createTokenGrants } from "./token_grants.ts";
import type { SshCertificates } from "./ssh_certificates.ts";
import { certificateResponse } from "./certificate_response.ts";
import { tokenResponse } from "./token_response.ts";
import type { TokenSigner } from "./token_signer.ts";
import type { World } from "./world.ts";

export interface EntraOptions {
  readonly world: World;
  readonly tokens: AccessTokens;
  readonly signer: TokenSigner;
  readonly secrets: SecretRecord;
  readonly certificates: SshCertificates;
  /** Base address, without a slash at its end. */
  readonly authority: string;
  readonly now: () => number;
}

export interface Entra {
  handle(request: IncomingMessage, response: ServerResponse, url: URL): Promise<void>;
  readonly directory: Directory;
  readonly devices: DeviceCodes;
}

/** Seconds between two questions of a program that waits for a device code. */
const POLL_INTERVAL = 1;

export function isEntraPath(path: string): boolean {
  return path === DEVICE_LOGIN_PATH || parseEntraPath(path) !== undefined;
}

export function createEntra(options: EntraOptions): Entra {
  const { world, tokens, authority, signer, secrets, certificates, now } = options;
  const directory = createDirectory(world);
  const codes = createAuthorizationCodes(secrets, now);
  const devices = createDeviceCodes(secrets, now);
  const refreshTokens = createRefreshTokens(secrets);
  const grant = createTokenGrants({
    directory,
    codes,
    devices,
    refreshTokens,
    signer,
    authority,
    now,
  });
  const authorize = createAuthorize({ directory, codes, now });
  const deviceLogin = createDeviceLogin(directory, devices);

  async function handle(
    request: IncomingMessage,
    response: ServerResponse,
    url: URL,
  ): Promise<void> {
    const refuse = (refusal: EntraRefusal) => sendRefusal(response, refusal, now());
    if (url.pathname === DEVICE_LOGIN_PATH) return await deviceLogin(request, response);
    const { segment = "", endpoint = "token" } = parseEntraPath(url.pathname) ?? {};
    if (endpoint === "instance") return discoverInstance(response, url);
    const name = decodePathSegment(segment);
    const found = directory.findAuthority(name);
    if (!found) {
      return refuse(
        entraRefusal("invalid_tenant", `AADSTS90002: Tenant '${name}' not found.`),
      );
    }
    const method = methodProblem(endpoint, request.method ?? "");
    if (method) return refuse(method);
    switch (endpoint) {
      case "configuration":
        return sendJson(
          response,
          200,
          openidConfiguration({
            authority,
            segment: found === "any" ? name.toLowerCase() : found.id,
            issuer: found === "any" && name.toLowerCase() !== "adfs"
              ? tokens.issuerOf("{tenantid}")
              : issuerOf(name, found, ""),
          }),
        );
      case "keys":
        return sendJson(response, 200, signer.keys);
      case "userrealm":
        return sendJson(response, 200, {
          account_type: "Managed",
          domain_name: decodePathSegment(url.pathname).replace(/^.*@/, ""),
          cloud_instance_name: "emulator",
        });
      case "authorize":
        return await authorize(request, response, url, found);
      case "devicecode":
        return await startDeviceCode(request, response, found);
      case "token":
        return await giveToken(request, response, url, found);
    }
  }

  async function giveToken(
    request: IncomingMessage,
    response: ServerResponse,
    url: URL,
    found: Authority,
  ): Promise<void> {
    const form = new URLSearchParams(await readBody(request) ?? "");
    const refuse = (refusal: EntraRefusal) => sendRefusal(response, refusal, now());
    const granted = await grant(form, found, `${authority}${url.pathname}`);
    if ("error" in granted) return refuse(granted);
    const resource = requestedResource(form, granted.scope);
    if ("error" in resource) return refuse(resource);
    const [, segment = ""] = url.pathname.split("/");
    const issuer = issuerOf(segment, found, granted.tenant);
    if (form.get("token_type") === "ssh-cert") {
      const made = certificateResponse(form, granted, resource, certificates, now());
      return "error" in made ? refuse(made) : sendJson(response, 200, made.answer);
    }
    sendJson(
      response,
      200,
      await tokenResponse(granted, resource, { form, issuer }, {
        tokens,
        signer,
        refreshTokens,
        secrets,
        now,
      }),
    );
  }

  async function startDeviceCode(
    request: IncomingMessage,
    response: ServerResponse,
    found: Authority,
  ): Promise<void> {
    const form = new URLSearchParams(await readBody(request) ?? "");
    const clientId = form.get("client_id") ?? "";
    const resource = requestedResource(form);
    const problem = directory.clientProblem(clientId, found) ??
      ("error" in resource ? resource : undefined);
    if (problem || "error" in resource) {
      return sendRefusal(response, problem ?? entraRefusal("invalid_request", ""), now());
    }
    const approved = directory.autoApproved(found);
    const { deviceCode, userCode, expiresIn } = devices.start(clientId, resource.scope, approved);
    const page = `${authority}${DEVICE_LOGIN_PATH}`;
    sendJson(response, 200, {
      user_code: userCode,
      device_code: deviceCode,
      verification_uri: page,
      // As the older endpoints spell it.
      verification_url: page,
      expires_in: expiresIn,
      interval: POLL_INTERVAL,
      message:
        `To sign in, use a web browser to open the page ${page} and enter the code ${userCode} to authenticate.`,
    });
  }

  function discoverInstance(response: ServerResponse, url: URL): void {
    const asked = URL.parse(url.searchParams.get("authorization_endpoint") ?? "");
    const { host } = new URL(authority);
    if (asked?.host !== host) {
      return sendRefusal(
        response,
        entraRefusal("invalid_instance", "AADSTS50049: Unknown or invalid instance."),
        now(),
      );
    }
    const [, tenant = "common"] = asked.pathname.split("/");
    sendJson(response, 200, {
      tenant_discovery_endpoint: `${authority}/${tenant}/v2.0/.well-known/openid-configuration`,
      "api-version": "1.1",
      metadata: [{ preferred_network: host, preferred_cache: host, aliases: [host] }],
    });
  }

  function issuerOf(segment: string, found: Authority, tenant: string): string {
    if (segment.toLowerCase() === "adfs") return `${authority}/adfs`;
    return tokens.issuerOf(found === "any" ? tenant : found.id);
  }

  return { handle, directory, devices };
}

function methodProblem(endpoint: EntraEndpoint, method: string): EntraRefusal | undefined {
  if (endpoint === "authorize" && (method === "GET" || method === "POST")) return undefined;
  const wanted = endpoint === "token" || endpoint === "devicecode" ? "POST" : "GET";
  if (method === wanted) return undefined;
  return entraRefusal(
    "invalid_request",
    `AADSTS900561: The endpoint only accepts ${wanted} requests.`,
    405,
  );
}
