/** The ways to a token: each tells whose it is to be, or why there is none. */

import type { AuthorizationCodes } from "./authorization_codes.ts";
import { clientProblem } from "./client_proof.ts";
import type { DeviceCodes } from "./device_codes.ts";
import { type Authority, type Directory, interactionRequired, unknownApp } from "./directory.ts";
import { type EntraRefusal, entraRefusal } from "./entra_refusal.ts";
import type { ServicePrincipal, User } from "./identities.ts";
import type { RefreshTokens } from "./refresh_tokens.ts";
import type { TokenSigner } from "./token_signer.ts";

export interface Grant {
  readonly principal: User | ServicePrincipal;
  readonly clientId: string;
  readonly tenant: string;
  /** Asked for earlier, for where the token request names none. */
  readonly scope?: string;
  readonly nonce?: string;
}

export interface TokenGrantOptions {
  readonly directory: Directory;
  readonly codes: AuthorizationCodes;
  readonly devices: DeviceCodes;
  readonly refreshTokens: RefreshTokens;
  readonly signer: TokenSigner;
  /** Base address of Entra. */
  readonly authority: string;
  readonly now: () => number;
}

const DEVICE_CODE_GRANT = "urn:ietf:params:oauth:grant-type:device_code";

export function createTokenGrants(options: TokenGrantOptions) {
  const { directory } = options;

  /** @param address of the token endpoint, as the app has it */
  return async (
    form: URLSearchParams,
    authority: Authority,
    address: string,
  ): Promise<Grant | EntraRefusal> => {
    const type = form.get("grant_type");
    if (type === "client_credentials") return await ofApp(form, authority, address);
    const clientId = form.get("client_id") ?? "";
    const asUser = USER_GRANTS.find((one) => one === type);
    if (!asUser) {
      return entraRefusal(
        "unsupported_grant_type",
        `AADSTS70003: The app requested an unsupported grant type '${type ?? ""}'.`,
      );
    }
    const problem = directory.clientProblem(clientId, authority);
    if (problem) return problem;
    const found = await ofUser(asUser, form, clientId);
    if ("error" in found) return found;
    const tenant = directory.tenantOf(found.user, authority);
    if (typeof tenant !== "string") return tenant;
    const { user: principal, ...others } = found;
    return { principal, clientId, tenant, ...others };
  };

  async function ofApp(
    form: URLSearchParams,
    authority: Authority,
    address: string,
  ): Promise<Grant | EntraRefusal> {
    const clientId = form.get("client_id") ?? "";
    const principal = directory.findApp(clientId, authority);
    if (!principal) return unknownApp(clientId, authority);
    const tenant = authority === "any" ? principal.tenant : authority.id;
    const problem = await clientProblem(form, principal, {
      signer: options.signer,
      authority: options.authority,
      audiences: [`${options.authority}/${tenant}/oauth2/v2.0/token`, address],
      now: Math.floor(options.now() / 1000),
    });
    if (problem) return entraRefusal("invalid_client", problem, 401);
    if (principal.disabled) {
      return entraRefusal(
        "unauthorized_client",
        `AADSTS7000112: Application '${clientId}' is disabled.`,
      );
    }
    return { principal, clientId: principal.clientId, tenant };
  }

  async function ofUser(
    type: UserGrant,
    form: URLSearchParams,
    clientId: string,
  ): Promise<{ user: User; scope?: string; nonce?: string } | EntraRefusal> {
    switch (type) {
      case "password": {
        const user = directory.checkPassword(
          form.get("username") ?? "",
          form.get("password") ?? "",
        );
        if ("error" in user) return user;
        return user.interactionRequired ? interactionRequired("invalid_grant") : { user };
      }
      case "refresh_token": {
        const user = options.refreshTokens.redeem(form.get("refresh_token") ?? "", clientId);
        return "error" in user ? user : { user };
      }
      case "authorization_code": {
        const grant = await options.codes.redeem(form);
        if ("error" in grant) return grant;
        const { user, scope, nonce } = grant;
        return { user, scope, ...(nonce === undefined ? {} : { nonce }) };
      }
      // The second is how ADFS and older libraries have it.
      case DEVICE_CODE_GRANT:
      case "device_code": {
        const code = form.get("device_code") ?? form.get("code") ?? "";
        return options.devices.redeem(code, clientId);
      }
    }
  }
}

const USER_GRANTS = [
  "password",
  "refresh_token",
  "authorization_code",
  DEVICE_CODE_GRANT,
  "device_code",
] as const;
type UserGrant = (typeof USER_GRANTS)[number];
